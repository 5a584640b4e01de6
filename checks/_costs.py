"""What the last day cost against a usual one, for the card of an alert that is open for days.

Four weeks of profit and loss are read once an hour, and when the balance has changed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pydantic import BaseModel, TypeAdapter

from bot.core import cashflow
from bot.core.cashflow import COSTS, USUAL_DAYS, Part
from bot.core.model import Json, Moment, Row, Unreadable
from bot.core.tools import Tools
from checks._memory import recall, remember
from checks._values import day, roubles

KEY: Final = "cash_balance_threshold:costs"
NEEDS: Final = {
    "pnl_daily": [
        "d",
        "commissions",
        "delivery_cost",
        "promo_cost",
        "refunds",
        "writeoffs",
    ]
}
MOST: Final = 2  # kinds of costs that are named
ONE_DAY: Final = timedelta(days=1)


class Costs(BaseModel, frozen=True):
    """`high`: those that are much above their usual; `day` None: nothing can be compared."""

    of: str = ""
    day: str | None = None
    total_rub: float = 0.0
    usual_rub: float = 0.0
    high: list[Part] = []


_SHAPE: Final = TypeAdapter(Costs)


async def read(tools: Tools, last: date, balance: Json, at: Moment) -> Json:
    """As a fact; None where there is no profit and loss, or too little of it."""
    of = f"{last} {balance} {at.now:%Y-%m-%d %H}"
    known = await recall(tools.memory, KEY, _SHAPE, Costs())
    if known.of != of:
        until = last + ONE_DAY
        since = until - timedelta(days=USUAL_DAYS + 1)
        binds = {"since": since.isoformat(), "until": until.isoformat()}
        try:
            await tools.shop.require(NEEDS)
            rows = await tools.shop.rows("answers/cash_costs.sql.j2", **binds)
        except Unreadable:
            return None
        known = compared(rows, of)
        await remember(tools.memory, KEY, _SHAPE, known)
    return known.model_dump(exclude={"of"}) if known.day is not None else None


def compared(rows: Sequence[Row], of: str = "") -> Costs:
    days = [{name: roubles(row[f"{name}_rub"]) for name in COSTS} for row in rows]
    total, last = cashflow.total(days), day(rows[-1]["day"]) if rows else None
    if total is None or last is None:
        return Costs(of=of)
    return Costs(
        of=of,
        day=last.isoformat(),
        total_rub=total.last_rub,
        usual_rub=total.usual_rub or 0.0,
        high=[one for one in cashflow.contributions(days) if one.much][:MOST],
    )
