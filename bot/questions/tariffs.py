"""Wildberries' commission tariffs beside the shop's rules: what differs, ready to be changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core import tariffs
from bot.core.keyboard import Key
from bot.core.markets import Answer, Verdict
from bot.core.model import Row, Unreadable, phrase
from bot.core.params import Param
from bot.core.question import Asking, Command, Page
from bot.core.tariffs import Compared, Fit, Rule, TariffList
from bot.core.verbs import Verb
from bot.questions import rules
from bot.questions._doing import doing

MARKET = "WB"
RATE = "remediate_rate"
SHOWN = 6
NAMES = 4  # of rules without a tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was fetched, and every rule that holds today beside it."""

    found: TariffList
    compared: Sequence[Compared]

    def of(self, *fits: Fit) -> list[Compared]:
        return [one for one in self.compared if one.fit in fits]


def command() -> Command:
    return Command(
        name="tariffs",
        about="Wildberries' commission tariffs against our rules; differences to change",
        read=read,
        table=table,
        params=[Param(name="category", default="", rest=True)],
        runbooks=[4],
        needs=rules.NEEDS,
        place=51,
    )


async def read(asking: Asking) -> Page:
    seen = await look(asking, asking.word("category"))
    ozon = Key("Rules Ozon", Verb.ASK, "rules OZON")
    if isinstance(seen, Answer):
        return Page(
            template="answers/tariffs.html.j2",
            values={"answer": seen, "unset": seen.verdict is Verdict.UNSET},
            keys=[[Key("Check keys", Verb.ASK, "tokens live"), ozon]],
            files=False,
        )
    off = seen.of(Fit.DIFFERS, Fit.SPREAD)
    unknown = seen.of(Fit.UNKNOWN)
    return Page(
        template="answers/tariffs.html.j2",
        values={
            "answer": None,
            "list": seen.found,
            "category": asking.word("category"),
            "rules": len(seen.compared),
            "off": off[:SHOWN],
            "more": len(off) - SHOWN,
            "differ": len(off),
            "spread": any(one.fit is Fit.SPREAD for one in off[:SHOWN]),
            "unknown": [one.rule.category or "?" for one in unknown[:NAMES]],
            "more_unknown": len(unknown) - NAMES,
            "same": len(seen.of(Fit.SAME)),
        },
        keys=[
            *filter(None, (change(asking, one) for one in off[:SHOWN] if one.proposable)),
            [ozon],
        ],
        files=bool(seen.compared),
    )


def change(asking: Asking, one: Compared) -> list[Key]:
    """Propose the tariff; what it would cost is shown before anybody says yes."""
    words = f"{MARKET} {one.rate} today {one.rule.category}"
    return doing(asking, RATE, words, label=f"Set {one.rate} %: {one.rule.category}")


async def table(asking: Asking) -> Sequence[Row]:
    seen = await look(asking, asking.word("category"))
    if isinstance(seen, Answer):
        raise Unreadable(phrase("tariffs_unread"))
    return [
        {
            "category": one.rule.category,
            "rule_pct": one.rule.rate_pct,
            "rule_since": one.rule.since,
            "tariff_from_pct": one.low_pct,
            "tariff_to_pct": one.high_pct,
            "result": str(one.fit),
            "tariff_of": seen.found.column,
            "fetched_at": seen.found.at.isoformat(timespec="seconds"),
        }
        for one in seen.compared
    ]


async def look(asking: Asking, category: str = "") -> Look | Answer:
    """Read the shop first: where its rules cannot be read nobody is asked."""
    rows = await rules.table(replace(asking, args={"marketplace": MARKET, "category": category}))
    today = asking.moment.today.isoformat()
    ours = [
        Rule(
            category=one.name,
            rate_pct=rule.rate_pct,
            since=rule.since,
            open=not rule.until,
            now=rule.now,
        )
        for one in rules.grouped(rows, today)
        for rule in one.rules
    ]
    found = await asking.tools.tariffs.commissions()
    if isinstance(found, Answer):
        return found
    return Look(found=found, compared=tariffs.compare(ours, found.tariffs, today))
