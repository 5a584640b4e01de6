"""What the cash does next: pace, reserve, what costs more than usual, payouts that are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core import cashflow, owed
from bot.core.cashflow import COSTS, USUAL_DAYS, Delay, Forecast, Part
from bot.core.model import Phrase, Unreadable
from bot.core.question import Asking
from bot.questions._values import count, roubles

RESERVE: Final = "check_cash_reserve"


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
    reserve_wanted: int = 0  # days, those of the check


async def read(
    asking: Asking, last: date, balance: float | None, limit: float | None, lag_days: int
) -> Outlook | None:
    """Look at the four weeks up to the last balance; None: there are no flows to look at."""
    flows = await asking.tools.shop.rows("answers/cash_flows.sql.j2", **owed.span(last))
    if not flows:
        return None
    pace = None
    if balance is not None:
        pace = cashflow.forecast(balance, cashflow.by_day(flows), limit or 0.0)
    wanted = await _reserve_wanted(asking)
    try:
        await asking.tools.shop.require(owed.DUE_NEEDS)
        costs = await asking.tools.shop.rows("answers/cash_costs.sql.j2", **owed.span(last, 1))
        sold = last - timedelta(days=lag_days)
        due = await asking.tools.shop.rows("answers/cash_due.sql.j2", **owed.span(sold))
    except Unreadable as unreadable:
        return Outlook(forecast=pace, trouble=unreadable.why, reserve_wanted=wanted)
    return Outlook(
        forecast=pace,
        costs=cashflow.contributions(
            [{name: roubles(row[f"{name}_rub"]) for name in COSTS} for row in costs]
        ),
        costs_day=str(costs[-1]["day"]) if costs else "",
        late=owed.late(due, flows, timedelta(days=lag_days)),
        lag_days=lag_days,
        reserve_wanted=wanted,
    )


async def _reserve_wanted(asking: Asking) -> int:
    detail = asking.book.runbooks[RESERVE].details["wanted"]
    return count((await detail(asking.tools, asking.moment))["days"])
