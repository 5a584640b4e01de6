"""The week or the month in numbers, as it is also sent by schedule."""

from dataclasses import replace

from bot.core.keyboard import Key
from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions import _monthly, _weekly

WEEKLY, MONTHLY = "weekly", "monthly"


def command() -> Command:
    return Command(
        name="report",
        about="Reports: weekly (growth, slow routes, commissions) or monthly (payouts, incidents)",
        read=read,
        params=[Param(name="kind", default=WEEKLY, words=(WEEKLY, MONTHLY))],
        place=74,
        runbooks=[1, 3, 4, 5],
    )


async def read(asking: Asking) -> Page:
    kind = asking.word("kind")
    other = MONTHLY if kind == WEEKLY else WEEKLY
    page = await (_weekly.page(asking) if kind == WEEKLY else _monthly.page(asking))
    return replace(page, keys=[*page.keys, [Key(other.capitalize(), Verb.ASK, f"report {other}")]])
