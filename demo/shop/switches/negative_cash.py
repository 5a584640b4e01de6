"""A payment that the account does not hold."""

import asyncio
import sqlite3
from datetime import date

from demo.shop.data import money
from demo.shop.database import reading, writing
from demo.shop.switches.base import Card, Site

BALANCE = -15_000.0
MARK = "manual:payment"  # entered by hand: the nightly recalculation leaves it alone
_LAST = "SELECT d, cumulative_balance FROM vw_cashflow_daily ORDER BY d DESC LIMIT 1"
_PAY = """
UPDATE cashflow_daily SET outflow = ROUND(outflow + :sum, 2), net = ROUND(net - :sum, 2),
    src_hash = :mark
WHERE d = :day AND marketplace = 'WB'
"""


class NegativeCash:
    card = Card(
        id="negative_cash",
        label="Cash below zero",
        explains="Books a big payment: the cash balance falls to 15 000 ₽ below zero.",
        mend_by="this switch (in life: a person with money)",
    )

    def __init__(self, site: Site) -> None:
        self._site = site

    async def is_on(self) -> bool:
        return await asyncio.to_thread(self._below_zero)

    async def turn(self, *, on: bool) -> None:
        await asyncio.to_thread(self._pay if on else self._take_back)

    def _below_zero(self) -> bool:
        with reading(self._site.database) as connection:
            return _last(connection)[1] < 0

    def _pay(self) -> None:
        with writing(self._site.database) as connection:
            day, balance = _last(connection)
            if balance > BALANCE:
                values = {"sum": balance - BALANCE, "day": day, "mark": MARK}
                connection.execute(_PAY, values)

    def _take_back(self) -> None:
        with writing(self._site.database) as connection:
            found = connection.execute("SELECT d FROM cashflow_daily WHERE src_hash = ?", (MARK,))
            for (text,) in found.fetchall():
                day = date.fromisoformat(text)
                connection.execute(
                    "UPDATE cashflow_daily SET src_hash = 'recalc' WHERE d = ? AND src_hash = ?",
                    (text, MARK),
                )
                money.recalc_cash(connection, day, day)


def _last(connection: sqlite3.Connection) -> tuple[str, float]:
    row = connection.execute(_LAST).fetchone()
    return str(row[0]), float(row[1])
