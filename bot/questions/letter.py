"""A letter that asks a marketplace to pay what is due: to copy, or to send."""

from bot.core import owed
from bot.core.keyboard import Key
from bot.core.letters import Whom
from bot.core.params import marketplace
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb
from bot.questions._doing import doing


def command() -> Command:
    return Command(
        name="letter",
        about="A letter to WB or OZON about payouts that are due, to copy or to send",
        read=read,
        params=[marketplace()],
        runbooks=[3],
        needs=owed.NEEDS,
        place=43,
    )


async def read(asking: Asking) -> Page:
    to = Whom(asking.word("marketplace"))
    runbook = asking.book.runbooks["check_cash_balance_threshold"]
    terms = await runbook.diagnose.read(asking.tools, asking.moment)
    days = terms["settlement_lag_days"]
    assert isinstance(days, int)  # noqa: S101  # a setting of that check
    claim = await owed.claim(asking.tools.shop, asking.moment.today, to, days)
    address = asking.book.policy.supports.get(to, "")
    keys = [Key("Copy address", Verb.COPY, address)] if address else []
    if claim.due:
        keys += doing(asking, "remediate_letter", to)
    other = Whom.OZON if to is Whom.WB else Whom.WB
    more = [Key(LABELS[other], Verb.ASK, f"letter {other}"), Key("Cash", Verb.ASK, "cash")]
    return Page(
        template="answers/letter.html.j2",
        values={"claim": claim.facts, "due": claim.due, "address": address},
        keys=[row for row in (keys, more) if row],
    )


LABELS = {Whom.WB: "Letter WB", Whom.OZON: "Letter Ozon"}
