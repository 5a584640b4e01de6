"""The seller's last balance, and why it cannot be judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core.model import Moment, Phrase, Row, phrase
from bot.core.tools import Tools
from checks._values import day, number

NEEDS: Final = {"vw_cashflow_daily": ["d", "cumulative_balance"]}
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Balance:
    roubles: float
    day: date


async def read(tools: Tools, at: Moment) -> Sequence[Row]:
    """The last eight days, newest first; rows of the future would hide a standstill."""
    await tools.shop.require(NEEDS)
    until = (at.today + ONE_DAY).isoformat()
    return await tools.shop.rows("cash_balance_threshold/balances.sql.j2", until=until)


def last(rows: Sequence[Row], at: Moment, stale_after_days: int) -> Balance | Phrase:
    """The newest of `rows`, newest first, one a day; or why it says nothing."""
    days = [day(row["day"]) for row in rows]
    if not days or (newest := days[0]) is None:
        return phrase("cash_no_balance")
    if days.count(newest) > 1:
        return phrase("cash_several_balances", day=newest.isoformat())
    if (age := (at.today - newest).days) > stale_after_days:
        return phrase("cash_stale", day=newest.isoformat(), days=age)
    balance = number(rows[0]["balance_rub"])
    if balance is None:
        return phrase("cash_not_a_number", day=newest.isoformat())
    return Balance(balance, newest)
