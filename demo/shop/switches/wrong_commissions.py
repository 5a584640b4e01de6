"""Ozon has charged more than its rules allow."""

import asyncio
from datetime import date, timedelta
from random import Random

from demo.shop.clock import business_yesterday
from demo.shop.database import reading, writing
from demo.shop.switches.base import Card, Site

SALES = 12
MORE_THAN_USUAL = 5  # outliers of a week
MARK = "charged:"  # in src_hash, followed by the right sum and the old hash
_RECENT = """
SELECT s.id, s.commission_amount FROM daily_sales AS s JOIN sku AS k ON k.id = s.sku_id
WHERE s.d >= ? AND k.marketplace = 'OZON' AND s.src_hash NOT LIKE 'charged:%'
    AND s.commission_amount > 20
ORDER BY s.revenue_gross DESC LIMIT 60
"""
_CHARGE = """
UPDATE daily_sales SET src_hash = 'charged:' || commission_amount || ':' || src_hash,
    commission_amount = ROUND(commission_amount * ?, 2)
WHERE id = ?
"""
_CHARGED = "SELECT id, src_hash FROM daily_sales WHERE d >= ? AND src_hash LIKE 'charged:%'"
_OUTLIERS = """
SELECT COUNT(*) FROM vw_commission_recon
WHERE d >= ? AND marketplace = 'OZON' AND flag_outlier = 1
"""


class WrongCommissions:
    card = Card(
        id="wrong_commissions",
        label="Wrong commissions",
        explains="Raises the commission of 12 recent Ozon sales by 8 to 30 %.",
        mend_by="this switch (in life: a claim to Ozon)",
    )

    def __init__(self, site: Site) -> None:
        self._site = site

    async def is_on(self) -> bool:
        return await asyncio.to_thread(self._many_outliers)

    async def turn(self, *, on: bool) -> None:
        await asyncio.to_thread(self._charge if on else self._refund)

    def _since(self, days: int) -> str:
        yesterday = business_yesterday(self._site.clock(), self._site.settings.zone)
        first: date = yesterday - timedelta(days=days - 1)
        return first.isoformat()

    def _many_outliers(self) -> bool:
        with reading(self._site.database) as connection:
            count = connection.execute(_OUTLIERS, (self._since(7),)).fetchone()[0]
        return int(count) > MORE_THAN_USUAL

    def _charge(self) -> None:
        rng = Random(f"charge:{self._since(3)}")
        with writing(self._site.database) as connection:
            if connection.execute(_CHARGED, (self._since(7),)).fetchone():
                return
            recent = connection.execute(_RECENT, (self._since(3),)).fetchall()
            for sale in rng.sample(recent, min(SALES, len(recent))):
                connection.execute(_CHARGE, (rng.uniform(1.08, 1.30), sale["id"]))

    def _refund(self) -> None:
        with writing(self._site.database) as connection:
            for sale, text in connection.execute(_CHARGED, (self._since(31),)).fetchall():
                amount, _, old = text.removeprefix(MARK).partition(":")
                connection.execute(
                    "UPDATE daily_sales SET commission_amount = ?, src_hash = ? WHERE id = ?",
                    (float(amount), old, sale),
                )
