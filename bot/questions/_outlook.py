"""What the cash does next: pace, reserve, what costs more than usual, payouts that are late."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core import cashflow
from bot.core.cashflow import USUAL_DAYS, Delay, Forecast, Part
from bot.core.model import Phrase, Row, Unreadable
from bot.core.question import Asking
from bot.questions._values import roubles

ONE_DAY = timedelta(days=1)
COSTS = ("commissions", "delivery", "promo", "refunds", "writeoffs")
NEEDS = {
    "pnl_daily": [
        "d",
        "marketplace",
        "revenue_net",
        "commissions",
        "delivery_cost",
        "promo_cost",
        "refunds",
        "writeoffs",
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`trouble` says why costs and payouts are not known."""

    forecast: Forecast | None
    costs: Sequence[Part] = ()
    costs_day: str = ""
    late: Sequence[Delay] = ()
    lag_days: int = 0
    days: int = USUAL_DAYS
    trouble: Phrase | None = None
    reserve_wanted: int = 30  # days, as runbook 3 asks for


async def read(
    asking: Asking, last: date, balance: float | None, limit: float | None, lag_days: int
) -> Outlook | None:
    """Look at the four weeks up to the last balance; None: there are no flows to look at."""
    flows = await asking.tools.shop.rows("answers/cash_flows.sql.j2", **span(last))
    if not flows:
        return None
    pace = None
    if balance is not None:
        pace = cashflow.forecast(balance, by_day(flows), limit if limit is not None else 0.0)
    try:
        await asking.tools.shop.require(NEEDS)
        costs = await asking.tools.shop.rows("answers/cash_costs.sql.j2", **span(last, 1))
        sold = last - timedelta(days=lag_days)
        due = await asking.tools.shop.rows("answers/cash_due.sql.j2", **span(sold))
    except Unreadable as unreadable:
        return Outlook(forecast=pace, trouble=unreadable.why)
    return Outlook(
        forecast=pace,
        costs=cashflow.contributions(
            [{name: roubles(row[f"{name}_rub"]) for name in COSTS} for row in costs]
        ),
        costs_day=str(costs[-1]["day"]) if costs else "",
        late=late(due, flows, timedelta(days=lag_days)),
        lag_days=lag_days,
    )


def span(last: date, more: int = 0) -> dict[str, str]:
    """The usual stretch of days up to this one."""
    return {
        "since": (last - timedelta(days=USUAL_DAYS + more - 1)).isoformat(),
        "until": (last + ONE_DAY).isoformat(),
    }


def by_day(flows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """(net, outflow) of all marketplaces together."""
    found: dict[str, tuple[float, float]] = {}
    for row in flows:
        net, out = found.get(str(row["day"]), (0.0, 0.0))
        found[str(row["day"])] = net + roubles(row["net_rub"]), out + roubles(row["outflow_rub"])
    return found


def late(due: Sequence[Row], flows: Sequence[Row], lag: timedelta) -> list[Delay]:
    """By marketplace; days before its first flow on record prove nothing."""
    expected: dict[str, dict[str, float]] = defaultdict(dict)
    for row in due:
        on = (date.fromisoformat(str(row["day"])) + lag).isoformat()
        expected[str(row["marketplace"])][on] = roubles(row["due_rub"])
    received: dict[str, dict[str, float]] = defaultdict(dict)
    for row in flows:
        received[str(row["marketplace"])][str(row["day"])] = roubles(row["inflow_rub"])
    found = []
    for name, came in received.items():
        known = {on: rub for on, rub in sorted(expected[name].items()) if on >= min(came)}
        paid = [rub for on, rub in came.items() if known and on >= min(known)]
        found.append(cashflow.delay(name, list(known.values()), paid))
    return [one for one in found if one is not None]
