"""Wildberries' sales of yesterday are gone, and the collector cannot get them again."""

import asyncio
from threading import Event

from demo.shop.clock import business_yesterday
from demo.shop.data import sales
from demo.shop.database import reading, writing
from demo.shop.scheduler.loop import Scheduler
from demo.shop.switches.base import Card, Site

JOB = "collect_yesterday_data"
_FORGET = """
DELETE FROM daily_sales
WHERE d = ? AND sku_id IN (SELECT id FROM sku WHERE marketplace = 'WB')
"""
_FAIL = """
UPDATE job_runs SET status = 'failed', error_message = 'WB: 401 Unauthorized'
WHERE id = (SELECT id FROM job_runs WHERE job_name = ? AND finished_at IS NOT NULL
    ORDER BY started_at DESC LIMIT 1)
"""


class NoSales:
    card = Card(
        id="no_sales",
        label="No sales for yesterday",
        explains="Deletes yesterday's Wildberries sales and ends the collector's session:"
        " its runs fail until it logs in again.",
        mend_by="Restart scheduler",
    )

    def __init__(self, site: Site) -> None:
        self._site = site

    async def is_on(self) -> bool:
        return await asyncio.to_thread(self._missing)

    async def turn(self, *, on: bool) -> None:
        await asyncio.to_thread(self._lose if on else self._collect)

    def _missing(self) -> bool:
        yesterday = business_yesterday(self._site.clock(), self._site.settings.zone)
        with reading(self._site.database) as connection:
            return "WB" in sales.missing(connection, yesterday)

    def _lose(self) -> None:
        yesterday = business_yesterday(self._site.clock(), self._site.settings.zone)
        self._site.settings.session_lost.touch()  # first, or the next run would heal it
        with writing(self._site.database) as connection:
            connection.execute(_FORGET, (yesterday.isoformat(),))
            connection.execute(_FAIL, (JOB,))

    def _collect(self) -> None:
        self._site.settings.session_lost.unlink(missing_ok=True)
        if self._missing():
            Scheduler(self._site.settings, self._site.clock, Event()).perform(JOB)
