"""The scheduled half that goes by the calendar: what is due is done, and its outcome kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core import planned
from bot.core.book import Book
from bot.core.model import Phrase, Unreadable, phrase
from bot.core.planned import Entry, Result, Told, Turn
from bot.core.ports import Store, Tx
from bot.core.question import Asking
from bot.core.schedule import Deed, NotNow, Scheduled

log = logging.getLogger(__name__)

LIMIT = 120.0  # seconds that one may read before it has failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """`due()` says what is to be done now; each of them is `done()` on its own."""

    store: Store
    book: Book
    scheduled: Mapping[str, Scheduled]
    asking: Callable[[], Asking]  # all that may be read, as of now
    clock: Callable[[], datetime]
    limit: float = LIMIT

    async def due(self) -> list[Turn]:
        now = self.clock()
        entries = await self.store.read(lambda tx: known(tx, self.book, now))
        if any(changed for _, changed in entries):
            await self.store.write(lambda tx: keep(tx, self.book, now))
        turns = [planned.turn(entry, now) for entry, _ in entries]
        return [one for one in turns if one is not None and one.name in self.scheduled]

    async def next_at(self) -> datetime | None:
        """When something is due next, if nothing changes: what is due already is under way."""
        now = self.clock()
        entries = await self.store.read(lambda tx: tx.schedules.all())
        times = (one.next_at for one in entries if one.name in self.book.plans.known)
        return min((at for at in times if at is not None and at > now), default=None)

    async def do(self, turn: Turn) -> None:
        """Do one thing that is due; whatever goes wrong is its outcome."""
        deed = await self._deed(turn)
        try:
            await self.store.write(lambda tx: self._settle(tx, turn, deed))
        except NotNow as later:
            await self._failed(turn, later.why)
        except Exception as error:
            log.exception("scheduled work failed", extra={"schedule": turn.name})
            await self._failed(turn, phrase("schedule_broke", error=type(error).__name__))

    async def _deed(self, turn: Turn) -> Deed:
        try:
            async with asyncio.timeout(self.limit):
                return await self.scheduled[turn.name].work(self.asking(), turn)
        except Unreadable as unreadable:
            why = unreadable.why
        except NotNow as later:
            why = later.why
        except TimeoutError:
            why = phrase("schedule_slow", seconds=self.limit)
        except Exception as error:
            log.exception("scheduled work failed", extra={"schedule": turn.name})
            why = phrase("schedule_broke", error=type(error).__name__)
        return lambda _tx, _now: Told(result=Result.FAILED, why=why)

    async def _failed(self, turn: Turn, why: Phrase) -> None:
        told = Told(result=Result.FAILED, why=why)
        await self.store.write(lambda tx: self._settle(tx, turn, lambda _tx, _now: told))

    def _settle(self, tx: Tx, turn: Turn, deed: Deed) -> None:
        """Do it and settle its due time, unless that is settled already."""
        now = self.clock()
        entry = tx.schedules.get(turn.name)
        if entry is None or not planned.is_still(entry, turn):
            return
        told = deed(tx, now)
        if told.result is Result.FAILED:
            log.warning(
                "scheduled work failed",
                extra={"schedule": turn.name, "why": told.why.key if told.why else None},
            )
        when = self.book.plans.known[turn.name].when
        tx.schedules.save(planned.ended(entry, turn, told, when, now))


def known(tx: Tx, book: Book, now: datetime) -> list[tuple[Entry, bool]]:
    """Each planned thing as it should be kept now, and whether that is new."""
    kept = {entry.name: entry for entry in tx.schedules.all()}
    found = []
    for name, one in book.plans.known.items():
        entry = planned.settled(kept.get(name), one, book.plans.zone, now)
        found.append((entry, entry != kept.get(name)))
    return found


def keep(tx: Tx, book: Book, now: datetime) -> None:
    for entry, changed in known(tx, book, now):
        if changed:
            tx.schedules.save(entry)
