"""What a marketplace owes: payouts that were due against what came in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum
from typing import Final

from bot.core import cashflow
from bot.core.cashflow import USUAL_DAYS, Delay
from bot.core.model import Facts, Json, Row, Unreadable, phrase
from bot.core.tools import ShopDatabase
from bot.core.values import number, roubles

ONE_DAY: Final = timedelta(days=1)
LATELY: Final = 7  # days of inflow that a letter names
NEEDS: Final = {
    "vw_cashflow_daily": ["d", "cumulative_balance"],
    "cashflow_daily": ["d", "marketplace", "inflow", "outflow", "net"],
}
DUE_NEEDS: Final = {
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
class Claim:
    """Where a marketplace's payouts stand. `usual_rub` is what comes in a usual week.

    `delay` None: nothing is late, as far as the tables tell.
    """

    marketplace: str
    day: str  # of the last balance
    balance_rub: float | None
    inflow_rub: float
    usual_rub: float | None
    delay: Delay | None
    payout_days: int

    @property
    def due(self) -> bool:
        """Whether there is anything to ask for."""
        return self.delay is not None or (self.balance_rub or 0.0) < 0

    @property
    def facts(self) -> Facts:
        late: dict[str, Json] = {
            "late_days": self.delay.days if self.delay else None,
            "missing_rub": self.delay.missing_rub if self.delay else None,
        }
        return {
            "marketplace": self.marketplace,
            "day": self.day,
            "balance_rub": self.balance_rub,
            "inflow_rub": self.inflow_rub,
            "inflow_days": LATELY,
            "usual_rub": self.usual_rub,
            "payout_days": self.payout_days,
            **late,
        }


async def claim(shop: ShopDatabase, today: date, marketplace: str, payout_days: int) -> Claim:
    """Look at the four weeks up to the last balance."""
    await shop.require(NEEDS)
    last = await last_day(shop, today)
    balances = await shop.rows("answers/cash_balances.sql.j2", **_days(last, 1))
    flows = await shop.rows("answers/cash_flows.sql.j2", **span(last))
    mine = [row for row in flows if row["marketplace"] == marketplace]
    since = (last - timedelta(days=LATELY - 1)).isoformat()
    before = [row for row in mine if str(row["day"]) < since]
    delays: Sequence[Delay] = ()
    try:
        await shop.require(DUE_NEEDS)
        sold = last - timedelta(days=payout_days)
        due = await shop.rows("answers/cash_due.sql.j2", **span(sold))
        delays = late(due, flows, timedelta(days=payout_days))
    except Unreadable:
        pass  # the letter says what is known: what came in, and the balance
    return Claim(
        marketplace=marketplace,
        day=last.isoformat(),
        balance_rub=number(balances[-1]["balance_rub"]) if balances else None,
        inflow_rub=fsum(roubles(row["inflow_rub"]) for row in mine if str(row["day"]) >= since),
        usual_rub=_a_week(before),
        delay=next((one for one in delays if one.marketplace == marketplace), None),
        payout_days=payout_days,
    )


async def last_day(shop: ShopDatabase, today: date) -> date:
    """The day of the last balance; rows of the future would hide a standstill."""
    rows = await shop.rows("answers/cash_last_day.sql.j2", until=(today + ONE_DAY).isoformat())
    if not rows or rows[0]["day"] is None:
        raise Unreadable(phrase("cash_no_balance"))
    return date.fromisoformat(str(rows[0]["day"]))


def span(last: date, more: int = 0) -> dict[str, str]:
    """The usual stretch of days up to this one."""
    return _days(last, USUAL_DAYS + more)


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


def _days(last: date, count: int) -> dict[str, str]:
    first = last - timedelta(days=count - 1)
    return {"since": first.isoformat(), "until": (last + ONE_DAY).isoformat()}


def _a_week(rows: Sequence[Row]) -> float | None:
    days = {str(row["day"]) for row in rows}
    total = fsum(roubles(row["inflow_rub"]) for row in rows)
    return round(LATELY * total / len(days), 2) if len(days) >= LATELY else None
