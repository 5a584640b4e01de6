"""The scheduled half: run one round of a check, save what follows from it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from bot.core import series, sight
from bot.core.book import Book
from bot.core.heartbeat import Pulse, no_pulse
from bot.core.model import Moment, Phrase, Reading, Source, Status, Unreadable, phrase
from bot.core.ports import Store, Tx, Wake
from bot.core.records import CheckState
from bot.core.rounds import Round
from bot.core.runbook import Runbook
from bot.core.tools import Tools

log = logging.getLogger(__name__)

T = TypeVar("T")


class Bound(Protocol):
    """Runs work for so many seconds at most; then raises `TimeoutError`."""

    async def __call__(
        self, name: str, work: Callable[[], Awaitable[T]], seconds: float, /
    ) -> T: ...


async def in_time(_name: str, work: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Bound work that can be cancelled."""
    async with asyncio.timeout(seconds):
        return await work()


@dataclass(frozen=True, slots=True)
class Blind:
    """The round could not look."""

    why: Unreadable


@dataclass(frozen=True, slots=True)
class Off:
    """The check is switched off: nobody looked."""


Look = Sequence[Reading] | Blind | Off
Seen = Sequence[Reading] | Blind  # of a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Rounds of checks. Two rounds of one check never run at the same time.

    `observe` is told of each round: its check, what it saw, and how many seconds it took.
    """

    store: Store
    tools: Tools
    book: Book
    clock: Callable[[], datetime]
    wake: Wake
    timeout: timedelta = timedelta(seconds=30)
    pulse: Pulse = field(default_factory=no_pulse)
    bound: Bound = in_time
    observe: Callable[[str, Status, float], None] = lambda _check, _status, _seconds: None
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def round(self, runbook: Runbook, *, extra: bool = False) -> Look:
        """Look once and save the outcome, if it is switched on. A blind round resolves nothing.

        `extra`: it is none of the schedule's, so where it is blind it does not count as one.
        """
        if not runbook.enabled:
            return Off()
        async with self._locks[runbook.name]:
            began = self.pulse.clock()
            seen = await self._see(runbook)
            status = Status.UNKNOWN if isinstance(seen, Blind) else summary(seen)[0]
            self.observe(runbook.name, status, self.pulse.clock() - began)
            now = self.clock()
            late = [name for name in self.pulse.late() if name != runbook.name]
            unseen = [name for name in self.pulse.unseen() if name != runbook.name]
            know = partial(record, extra=extra, late=late, unseen=unseen)
            await self.store.write(lambda tx: know(tx, self.book, runbook, seen, now))
            self.pulse.beat(runbook.name)
        self.wake()
        return seen

    async def judge_sight(self) -> None:
        """Say which checks cannot see or hang, without a round of any."""
        now, late, unseen = self.clock(), self.pulse.late(), self.pulse.unseen()
        await self.store.write(
            lambda tx: _judge_sight(tx, self.book, now, late=late, unseen=unseen)
        )
        self.wake()

    async def look(self, runbook: Runbook) -> Look:
        """What the check sees now; nothing is saved but what the check itself remembers."""
        return await self._see(runbook) if runbook.enabled else Off()

    async def _see(self, runbook: Runbook) -> Seen:
        opened = await self.store.read(
            lambda tx: {alert.subject: alert.opened_at for alert in tx.alerts.open(runbook.name)}
        )
        off = self.book.runbooks.keys() - self.book.watched.keys()
        moment = Moment(now=self.clock(), zone=self.book.policy.zone, open=opened, off=off)

        async def detect() -> Sequence[Reading]:
            if runbook.needs:
                await self.tools.shop.require(runbook.needs)
            return await runbook.detect(self.tools, moment)

        try:
            return await self.bound(runbook.name, detect, self.timeout.total_seconds())
        except Unreadable as blind:
            return Blind(blind)
        except TimeoutError:
            limit = self.timeout.total_seconds()
            return Blind(Unreadable(phrase("round_too_slow", seconds=limit)))
        except Exception as error:
            # One broken check must not stop the others; people are told that it is blind.
            log.exception("round failed", extra={"check": runbook.name})
            return Blind(Unreadable(phrase("round_failed", error=type(error).__name__)))


def record(  # noqa: PLR0913  # a round and what is known of the others
    tx: Tx,
    book: Book,
    runbook: Runbook,
    seen: Seen,
    now: datetime,
    *,
    extra: bool = False,
    late: Collection[str] = (),
    unseen: Collection[str] = (),
) -> None:
    """Save a round: the check's state, its alerts, and the alert about blind checks.

    An `extra` one that is blind makes that alert come no earlier than the schedule would.
    `late` are other checks that hang, `unseen` those without a round since the start.
    """
    before = tx.checks.get(runbook.name)
    tx.checks.save(_state(before, runbook.name, seen, now, counts=not extra))
    tx.series.keep(_samples(before, runbook, seen), now)
    if not isinstance(seen, Blind) and _saw_something(seen):
        Round(tx, book, runbook, now).settle(seen)
    _judge_sight(tx, book, now, late=late, unseen=unseen)


def _saw_something(seen: Sequence[Reading]) -> bool:
    """A look that could judge nothing at all says nothing of what it leaves out, either."""
    return any(one.idle or one.status is not Status.UNKNOWN for one in seen)


def _samples(before: CheckState | None, runbook: Runbook, seen: Seen) -> list[series.Sample]:
    if isinstance(seen, Blind):
        known = [reading.subject for reading in before.readings] if before else []
        return series.of_blind_round(runbook.name, known)
    return series.of_round(runbook.name, runbook.keeps, seen)


def _judge_sight(
    tx: Tx, book: Book, now: datetime, *, late: Collection[str], unseen: Collection[str]
) -> None:
    known = [state for state in tx.checks.all() if state.name in book.watched]
    rounds = book.policy.unknown_rounds
    blind = sight.judge(known, rounds=rounds, late=late, unseen=unseen)
    Round(tx, book, book.sight, now).settle(blind)


def _state(
    before: CheckState | None, name: str, seen: Seen, now: datetime, *, counts: bool
) -> CheckState:
    match seen:
        case Blind(why):
            status, idle, source = Status.UNKNOWN, False, why.source
            reason: Phrase | None = why.why
            readings = before.readings if before else ()
        case _:
            readings = tuple(seen)
            status, idle = summary(readings)
            unknowns = [reading for reading in readings if reading.status is Status.UNKNOWN]
            reason = next((one.why for one in unknowns if one.idle is idle), None)
            source = Source.CHECK
    blind = isinstance(seen, Blind) or not readings or any(map(sight.is_unseen, readings))
    same = before is not None and before.status is status
    unknown_rounds = (before.unknown_rounds if before else 0) + counts if blind else 0
    return CheckState(
        name=name,
        status=status,
        idle=idle,
        since=before.since if before and same else now,
        round_at=now,
        ok_at=now if status is Status.OK else (before.ok_at if before else None),
        unknown_rounds=unknown_rounds,
        source=source,
        why=reason if blind or status is Status.UNKNOWN else None,
        readings=readings,
    )


def summary(readings: Sequence[Reading]) -> tuple[Status, bool]:
    """One word for a whole check, the worst one, and whether its unknown is only idleness."""
    if any(reading.status is Status.FIRING for reading in readings):
        return Status.FIRING, False
    unknowns = [reading for reading in readings if reading.status is Status.UNKNOWN]
    if unknowns or not readings:
        return Status.UNKNOWN, bool(unknowns) and all(reading.idle for reading in unknowns)
    return Status.OK, False
