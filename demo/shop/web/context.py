"""What the handlers of the web API share."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from demo.shop.clock import business_yesterday, stamp
from demo.shop.database import reading
from demo.shop.settings import Settings
from demo.shop.web.cache import Answer, Cache
from demo.shop.web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    cache: Cache
    metrics: Metrics
    clock: Callable[[], datetime]

    async def rows(self, query: str, /, **values: object) -> Answer:
        """Run a read-only query in a thread."""
        return await asyncio.to_thread(self._rows, query, values)

    async def cached(self, name: str, query: str, /, **values: object) -> Answer:
        key = f"{name}:{sorted(values.items())}"
        return await self.cache.get(key, lambda: self.rows(query, **values))

    def _rows(self, query: str, values: Mapping[str, object]) -> Answer:
        with reading(self.settings.database) as connection:
            return [dict(row) for row in connection.execute(query, values)]

    @property
    def yesterday(self) -> date:
        return business_yesterday(self.clock(), self.settings.zone)

    def ago(self, span: timedelta) -> str:
        return stamp(self.clock().astimezone(UTC) - span)


CONTEXT = web.AppKey("context", Context)
DATABASE_ERRORS = (sqlite3.Error, OSError)


def days(request: web.Request, context: Context, *, usual: int) -> dict[str, str]:
    """Read `date_from` and `date_to`; by default the last `usual` days up to yesterday."""
    last = _day(request, "date_to") or context.yesterday
    first = _day(request, "date_from") or last - timedelta(days=usual - 1)
    return {"first": first.isoformat(), "after": (last + timedelta(days=1)).isoformat()}


def number(request: web.Request, name: str, *, usual: int, most: int) -> int:
    text = request.query.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise web.HTTPUnprocessableEntity(text=f"{name}={text}: a number from 1 to {most}")
    return int(text)


def _day(request: web.Request, name: str) -> date | None:
    text = request.query.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise web.HTTPUnprocessableEntity(text=f"{name}={text}: a day as 2025-10-01") from error
