"""Alerts of many requests saved together: a request is answered once its own are committed.

While one transaction is under way the next requests gather, and in a flood a moment longer; so
the more there are, the fewer transactions each of them costs. One that comes alone waits for
nobody.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from bot.core import senders
from bot.core.book import Book
from bot.core.ports import Store, Tx
from bot.core.senders import Told
from bot.web.problems import retry

log = logging.getLogger(__name__)

MOST_WAITING = 20_000  # alerts; more are refused, to be sent again
AT_ONCE = 2_000  # alerts in one transaction
FLOOD, GATHER = 0.05, 0.02  # seconds: so close to the last ones, wait for others so long


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request brought."""

    check: str
    told: Sequence[Told]
    taken: asyncio.Future[None]


@dataclass(kw_only=True)
class Intake:
    """`take` puts in, `run` saves; `run` is kept going by whoever owns the tasks."""

    store: Store
    book: Book
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _saved_at: float = float("-inf")
    _waiting: list[Parcel] = field(default_factory=list)
    _count: int = 0
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, check: str, told: Sequence[Told]) -> None:
        """Return when they are committed; raise where they could not be."""
        if self._count + len(told) > MOST_WAITING:
            raise retry(HTTPStatus.SERVICE_UNAVAILABLE, "api_busy", 1)
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Parcel(check, told, taken))
        self._count += len(told)
        self._some.set()
        await taken

    async def run(self) -> None:
        while True:
            await self._some.wait()
            if self.monotonic() - self._saved_at < FLOOD:
                await self.sleep(GATHER)
            parcels = self._next()
            try:
                await self._save(parcels)
            except Exception:
                # One parcel must not spoil the others: each by itself.
                log.exception("alerts not saved", extra={"requests": len(parcels)})
                for one in parcels:
                    await self._alone(one)
            self._saved_at = self.monotonic()

    def _next(self) -> list[Parcel]:
        count, number = 0, 0
        while number < len(self._waiting) and (number == 0 or count < AT_ONCE):
            count += len(self._waiting[number].told)
            number += 1
        parcels, self._waiting = self._waiting[:number], self._waiting[number:]
        self._count -= count
        if not self._waiting:
            self._some.clear()
        return parcels

    async def _save(self, parcels: Sequence[Parcel]) -> None:
        now = self.clock()
        await self.store.write(lambda tx: self._write(tx, parcels, now), durable=True)
        for one in parcels:
            if not one.taken.done():
                one.taken.set_result(None)

    async def _alone(self, parcel: Parcel) -> None:
        try:
            await self._save([parcel])
        except Exception as error:  # noqa: BLE001  # whoever waits is told
            if not parcel.taken.done():
                parcel.taken.set_exception(error)

    def _write(self, tx: Tx, parcels: Sequence[Parcel], now: datetime) -> None:
        """Together as far as nobody contradicts: what fired and is over by now did both."""
        together: dict[str, dict[str, Told]] = {}
        for parcel in parcels:
            known = together.setdefault(parcel.check, {})
            for told in parcel.told:
                subject = told.reading.subject
                before = known.get(subject)
                if before is not None and before.reading.status is not told.reading.status:
                    senders.take(tx, self.book, parcel.check, list(known.values()), now)
                    known.clear()
                known[subject] = told
        for check, known in together.items():
            senders.take(tx, self.book, check, list(known.values()), now)
