"""Follows the state tables and writes what changed into SoVAni's, some rows at a time.

Rounds, chats and taps know nothing of it. A cursor in the state database moves only after the
shop has the rows; killed in between, the same rows are written again, and are found there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.model import Phrase, Unreadable, phrase
from bot.core.records import ACTIVE, Run
from bot.edges.lookout import Lookout
from bot.edges.mirror import look
from bot.edges.mirror.entries import Entries
from bot.edges.mirror.look import Over, Shown
from bot.edges.mirror.place import PLACE, TROUBLE, Place, Trouble, place_of, trouble_of
from bot.edges.mirror.writing import write
from bot.edges.shop.history import Entry, ShopHistory
from bot.edges.store import SqlStore, changes
from bot.edges.store.changes import Event
from bot.edges.store.tx import SqlTx

log = logging.getLogger(__name__)

EVERY: Final = 2.0  # seconds between two looks at least, but for batches
BREATH: Final = 0.05  # seconds between two batches: others want the tables too
LONGEST_PAUSE: Final = 300.0
MOST: Final = 50  # rows of history in one transaction
MOST_RUNS: Final = 200  # looked at, most of them long written while the first one goes on
SETTLED: Final = timedelta(seconds=10)  # by then its card is sent, and the chats are known


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written, and how far that brings us."""

    alerts: Sequence[Shown]
    runs: Sequence[Over]
    place: Place
    ahead: int
    more: bool

    @property
    def rest(self) -> float | None:
        """Seconds before the next; None: nothing waits, not even to be settled."""
        if self.more:
            return BREATH
        return EVERY if self.place.history < self.ahead else None


@dataclass(kw_only=True)
class Mirror:
    """`run` is an endless loop; `lookout.wake()` after a change of the state tables."""

    store: SqlStore
    history: ShopHistory
    entries: Entries
    say: Callable[[Phrase], str]
    clock: Callable[[], datetime]
    lookout: Lookout
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _ahead: int = field(default=0, init=False)  # the last row of history looked at once
    _written: set[int] = field(default_factory=set, init=False)  # runs past the cursor
    _broke: str = field(default="", init=False)
    _checked: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)
    _noted: bool = field(default=True, init=False)  # a trouble may be kept, by an earlier process

    async def run(self) -> None:
        while True:
            rest = await self.turn()
            await (self.lookout.until(None) if rest is None else self.sleep(rest))

    async def turn(self) -> float | None:
        """Write some of what waits; how long to rest before the next, or until a change."""
        try:
            rest = await self._catch_up()
        except Unreadable as unreadable:
            return await self._failed(unreadable.why)
        except Exception as error:
            if self._broke != str(error):
                self._broke = str(error)
                log.exception("history for SoVAni broke off")
            return await self._failed(phrase("mirror_broke", error=type(error).__name__))
        await self._mended()
        return rest

    async def _catch_up(self) -> float | None:
        place = await self.store.read(lambda tx: place_of(tx.recall(PLACE)))
        if place is None:
            place = await self.store.write(lambda tx: _begin(tx, self.clock()))
        if not self._checked:  # also where nothing waits: people should hear of it today
            await self.history.check()
            self._checked = True
        now = self.clock()
        at = place
        batch = await self.store.read(lambda tx: self._batch(tx, at, now))
        if batch.alerts or batch.runs:
            await write(self.history, lambda: self._entries(batch))
        if batch.place != place:
            await self.store.write(lambda tx: tx.remember(PLACE, batch.place.kept, now))
        self._ahead = batch.ahead
        self._written |= {one.run.id for one in batch.runs}
        self._written = {one for one in self._written if one > batch.place.runs}
        return batch.rest

    def _entries(self, batch: Batch) -> Iterator[Entry]:
        """Words are made in the thread that writes, and before it begins."""
        for shown in batch.alerts:
            yield self.entries.of_alert(shown)
        for over in batch.runs:
            if (entry := self.entries.of_run(over)) is not None:
                yield entry

    def _batch(self, tx: SqlTx, place: Place, now: datetime) -> Batch:
        """New rows at once, and again when they are settled; runs when they are over."""
        ahead = max(self._ahead, place.history)
        new = changes.events(tx.connection, after=ahead, most=MOST)
        old = changes.events(tx.connection, after=place.history, until=ahead, most=MOST)
        settled = _settled(old if len(old) == MOST else [*old, *new], now)
        alerts = dict.fromkeys(one.alert_id for one in (*settled, *new))
        found = look.shown(tx, alerts)
        runs, last, further = self._runs(tx, place)
        return Batch(
            alerts=[found[one] for one in alerts if one in found],
            runs=look.over(tx, runs),
            place=Place(settled[-1].id if settled else place.history, last),
            ahead=new[-1].id if new else ahead,
            more=len(new) == MOST or len(settled) >= MOST or further,
        )

    def _runs(self, tx: SqlTx, place: Place) -> tuple[list[Run], int, bool]:
        """Those that are over, the last before the first that is not, and whether more wait."""
        found: list[Run] = []
        last, gap = place.runs, False
        runs = changes.runs_after(tx.connection, after=place.runs, most=MOST_RUNS)
        for run in runs:
            gap = gap or run.state in ACTIVE
            if not gap:
                last = run.id
            if run.state not in ACTIVE and run.id not in self._written:
                found.append(run)
        return found, last, len(runs) == MOST_RUNS and last > place.runs

    async def _failed(self, why: Phrase) -> float:
        """Say it once, and try again ever more rarely."""
        self._ahead, self._written, self._checked = 0, set(), False
        self._failures, self._noted = self._failures + 1, True
        now = self.clock()
        if await self.store.write(lambda tx: _note(tx, why, now)):
            log.warning("history for SoVAni cannot be written", extra={"why": self.say(why)})
        return min(EVERY * 2.0 ** min(self._failures - 1, 10), LONGEST_PAUSE)

    async def _mended(self) -> None:
        if not self._noted:
            return
        self._failures, self._noted, self._broke = 0, False, ""
        if await self.store.read(lambda tx: tx.recall(TROUBLE)) is not None:
            await self.store.write(lambda tx: tx.remember(TROUBLE, None, self.clock()))
            log.info("history for SoVAni is written again")


def _begin(tx: SqlTx, now: datetime) -> Place:
    """The first time: what is open now, and all that happens from now on."""
    place = Place(*changes.before_what_goes_on(tx.connection))
    tx.remember(PLACE, place.kept, now)
    return place


def _settled(events: Sequence[Event], now: datetime) -> list[Event]:
    """Those at the beginning that are old enough, or of a clock that was set back since."""
    found: list[Event] = []
    for one in events:
        if timedelta(0) <= now - one.at < SETTLED:
            break
        found.append(one)
    return found


def _note(tx: SqlTx, why: Phrase, now: datetime) -> bool:
    """Keep the trouble; false: it is the one that is known."""
    known = trouble_of(tx.recall(TROUBLE))
    if known is not None and known.why.key == why.key:
        return False
    since = known.since if known else now
    tx.remember(TROUBLE, Trouble(why, since).kept, now)
    return True
