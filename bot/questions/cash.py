"""The balance by day, the flow by marketplace, and a picture of both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum

from bot.core.keyboard import Key
from bot.core.model import Phrase, Row, Unreadable, phrase
from bot.core.question import Asking, Chart, Command, Page, Param
from bot.core.verbs import Verb
from bot.questions import _outlook
from bot.questions._doing import doing
from bot.questions._values import number, roubles

NEEDS = {"cashflow_daily": ["d", "marketplace", "inflow", "outflow", "net"]}
ONE_DAY = timedelta(days=1)
SHOWN_DAYS = 14  # more is for the picture: a phone shows no ninety lines


@dataclass(frozen=True, slots=True)
class Day:
    day: str  # "2026-11-22"
    balance_rub: float | None
    net_rub: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sum is None where one of its parts is no number."""

    marketplace: str
    inflow_rub: float | None
    outflow_rub: float | None
    net_rub: float | None


def command() -> Command:
    return Command(
        name="cash",
        about="Cash: balance, flows, chart (7 days, or as many as you say)",
        read=read,
        params=[Param(name="days", default=7, low=1, high=90)],
        place=40,
        runbooks=[3],
        table=table,
        needs=NEEDS,
    )


async def read(asking: Asking) -> Page:
    runbook = asking.book.runbooks["check_cash_balance_threshold"]
    # The check's own diagnosis knows the limit, and refuses a view that has drifted.
    known = await runbook.diagnose.read(asking.tools, asking.moment)
    limit = number(known["threshold_rub"])
    window = await _window(asking, asking.number("days"))
    if window is None:
        raise Unreadable(phrase("cash_no_balance"))
    balances = await asking.tools.shop.rows("answers/cash_balances.sql.j2", **window)
    flows, trouble = await _flows(asking, window)
    days = by_day(balances, flows)
    outlook = None
    if trouble is None:
        last, lag = date.fromisoformat(days[-1].day), int(roubles(known["settlement_lag_days"]))
        outlook = await _outlook.read(asking, last, days[-1].balance_rub, limit, lag)
    return Page(
        template="answers/cash.html.j2",
        values={
            "last": days[-1],
            "change_rub": change(days),
            "first": days[0],
            "shown": days[::-1][:SHOWN_DAYS],
            "total_days": len(days),
            "limit_rub": limit,
            "flows": by_marketplace(flows),
            "trouble": trouble,
            "outlook": outlook,
        },
        keys=[
            [
                Key("Breakdown", Verb.ASK, f"flows {asking.number('days')}"),
                Key("Large outflows", Verb.ASK, "outflows"),
                Key("P&L", Verb.ASK, "pnl"),
            ],
            [
                Key("Letter WB", Verb.ASK, "letter WB"),
                Key("Letter Ozon", Verb.ASK, "letter OZON"),
                *doing(asking, "remediate_notify_finance"),
            ],
        ],
        chart=chart(days, limit),
    )


async def table(asking: Asking) -> Sequence[Row]:
    """What came and went by day and marketplace."""
    await asking.tools.shop.require(NEEDS)
    window = await _window(asking, asking.number("days"))
    if window is None:
        return []
    return await asking.tools.shop.rows("answers/cash_flows.sql.j2", **window)


async def _window(asking: Asking, days: int) -> dict[str, str] | None:
    """Span the days up to the last balance; rows of the future would hide a standstill."""
    until = (asking.moment.today + ONE_DAY).isoformat()
    rows = await asking.tools.shop.rows("answers/cash_last_day.sql.j2", until=until)
    last = rows[0]["day"] if rows else None
    if last is None:
        return None
    end = date.fromisoformat(str(last)) + ONE_DAY
    return {"since": (end - days * ONE_DAY).isoformat(), "until": end.isoformat()}


async def _flows(asking: Asking, window: dict[str, str]) -> tuple[Sequence[Row], Phrase | None]:
    """Read what came and went; the balance is worth an answer without it."""
    try:
        await asking.tools.shop.require(NEEDS)
        return await asking.tools.shop.rows("answers/cash_flows.sql.j2", **window), None
    except Unreadable as unreadable:
        return [], unreadable.why


def by_day(balances: Sequence[Row], flows: Sequence[Row]) -> list[Day]:
    """Oldest first. Two balances of one day would mean that one of them is not the balance."""
    nets: dict[str, float] = defaultdict(float)
    for row in flows:
        nets[str(row["day"])] += roubles(row["net_rub"])
    names = [str(row["day"]) for row in balances]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Unreadable(phrase("cash_several_balances", day=twice))
    return [
        Day(name, number(row["balance_rub"]), nets.get(name))
        for name, row in zip(names, balances, strict=True)
    ]


def change(days: Sequence[Day]) -> float | None:
    first, last = days[0].balance_rub, days[-1].balance_rub
    return None if first is None or last is None or len(days) == 1 else last - first


def by_marketplace(flows: Sequence[Row]) -> list[Flow]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in flows:
        groups[str(row["marketplace"])].append(row)
    return [
        Flow(
            marketplace=name,
            inflow_rub=_sum(row["inflow_rub"] for row in rows),
            outflow_rub=_sum(row["outflow_rub"] for row in rows),
            net_rub=_sum(row["net_rub"] for row in rows),
        )
        for name, rows in sorted(groups.items())
    ]


def _sum(values: Iterable[object]) -> float | None:
    found = [0.0 if value is None else number(value) for value in values]
    known = [round(one, 2) for one in found if one is not None]
    return fsum(known) if len(known) == len(found) else None


def chart(days: Sequence[Day], limit: float | None) -> Chart | None:
    """None where there is nothing to see: one day makes no line."""
    whole = [one for one in days if one.balance_rub is not None]
    if len(whole) < 2:  # noqa: PLR2004  # a line has two ends
        return None
    nets = {"chart_net": [one.net_rub or 0.0 for one in whole]}
    return Chart(
        title=phrase("chart_cash", first=whole[0].day, last=whole[-1].day),
        unit="₽",
        days=[one.day for one in whole],
        lines={"chart_balance": [one.balance_rub or 0.0 for one in whole]},
        bars=nets if any(one.net_rub is not None for one in whole) else {},
        limit=limit,
    )
