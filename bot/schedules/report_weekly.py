"""The week in numbers, on Mondays."""

from dataclasses import replace

from bot.core.keyboard import Key
from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, answer, posted
from bot.core.verbs import Verb


def schedule() -> Scheduled:
    return Scheduled(
        name="report_weekly",
        title="Weekly report",
        about="Posts /report weekly to the alert chats: growth, tables that grew most, slowest "
        "routes, commissions against a week ago.",
        when="5 9 * * 1",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    page = await answer(asking, "report weekly")
    # The courier sends texts: the picture is one tap away, as of then.
    chart = [Key("With chart", Verb.ASK, "report weekly")]
    return posted(asking, turn, replace(page, keys=[*page.keys, chart]))
