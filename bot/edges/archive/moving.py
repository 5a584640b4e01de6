"""Rows out of the table and back into it, batch by batch; a full disk takes back what was done.

The shop writes between two batches, so all of it cannot be one transaction. Instead it is kept
which rows this run has moved, a bit for each, and room is held on the disk that moving them back
needs. See decision 18.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from bot.core.job import Job, Stopped
from bot.core.model import Facts, Phrase, phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.lines import ids
from bot.edges.archive.rows import DiskFull, Removed, Returned, ShopRows, refuse_miscount

RESERVE_BYTES: Final = 30_000_000  # the log of a batch, and pages that get fuller on the way back
LONGEST_REST: Final = 1.0
Piece: TypeAlias = tuple[Sequence[str], Sequence[bytes], int]  # columns, lines, lines before them


class File(Protocol):
    """A file that was compared, as often as it is read."""

    @property
    def rows(self) -> int: ...

    def __call__(self) -> AsyncIterator[Piece]: ...


@dataclass(slots=True)
class Marks:
    """Which lines of a file this run has moved."""

    count: int = 0
    _bits: bytearray = field(default_factory=bytearray)

    def put(self, piece: Piece, moved: Sequence[object]) -> None:
        columns, lines, before = piece
        self._reach(before + len(lines))
        known = set(moved)
        numbers = ids(columns, lines) if len(moved) < len(lines) else moved
        for at, number in enumerate(numbers, before):
            if number in known:
                self._bits[at // 8] |= 1 << at % 8
        self.count += len(moved)

    def of(self, piece: Piece) -> list[bytes]:
        _, lines, before = piece
        self._reach(before + len(lines))
        numbered = enumerate(lines, before)
        return [line for at, line in numbered if self._bits[at // 8] >> at % 8 & 1]

    def _reach(self, lines: int) -> None:
        self._bits.extend(bytes(max(0, lines // 8 + 1 - len(self._bits))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction: what it says while it works, while it goes back, and of a full disk."""

    works: str
    goes_back: str
    as_it_was: str
    halfway: str


OUT: Final = Way(
    works="archive_removes",
    goes_back="archive_full_unremoves",
    as_it_was="archive_full_unremoved",
    halfway="archive_full_removed",
)
BACK: Final = Way(
    works="archive_returns",
    goes_back="archive_full_unreturns",
    as_it_was="archive_full_unreturned",
    halfway="archive_full_returned",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """`rest` is slept between two batches, as long as the lock was held: writers get in."""

    rows: ShopRows
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep
    reserve: int = RESERVE_BYTES

    async def remove(self, file: File, job: Job) -> Facts:
        """Delete what is in the file and still the same: `removed`, `changed`."""
        removed = changed = 0
        marks = Marks()
        async with self._undone_when_full(OUT, file, marks, job):
            async for piece in file():
                columns, lines, done = piece
                facts: Facts = {"phase": OUT.works, "done": done, "total": file.rows}
                look(job, {**facts, "removed": removed})
                outcome = await self.rows.remove(columns, lines)
                marks.put(piece, outcome.moved)
                removed, changed = marks.count, changed + outcome.changed
                await job.progress({**facts, "done": done + len(lines)})
                await self._pause(outcome.seconds if outcome.moved else 0)
        return {"removed": removed, "changed": changed}

    async def restore(self, file: File, job: Job) -> Facts:
        """Insert what is missing: `added`, `there`, `kept`, and `rows` of the file."""
        there = kept = 0
        marks = Marks()
        async with self._undone_when_full(BACK, file, marks, job):
            table = await self.rows.columns()
            async for piece in file():
                columns, lines, done = piece
                if missing := [one for one in columns if one not in table]:
                    raise ActionFailed(phrase("archive_columns", names=", ".join(missing)))
                facts: Facts = {"phase": BACK.works, "done": done, "total": file.rows}
                look(job, {**facts, "added": marks.count})
                outcome = await self.rows.put_back(columns, lines)
                marks.put(piece, outcome.moved)
                there, kept = there + outcome.there, kept + outcome.kept
                await job.progress({**facts, "done": done + len(lines)})
                await self._pause(outcome.seconds)
        refuse_miscount(file.rows, marks.count + there + kept)
        return {"added": marks.count, "there": there, "kept": kept, "rows": file.rows}

    @asynccontextmanager
    async def _undone_when_full(
        self, way: Way, file: File, marks: Marks, job: Job
    ) -> AsyncIterator[None]:
        """Whatever else goes wrong stays where it is; it is gone on from later."""
        try:
            release = await self.rows.hold(self.reserve)
        except DiskFull as full:
            raise ActionFailed(phrase(way.as_it_was, moved=0, others=0)) from full
        try:
            yield
        except DiskFull as full:
            release()
            raise ActionFailed(await self._go_back(way, file, marks, job)) from full
        finally:
            release()

    async def _go_back(self, way: Way, file: File, marks: Marks, job: Job) -> Phrase:
        """Undo what the marks say; not stopped, for it is the way to what people expect."""
        undone = others = 0
        try:
            async for piece in file():
                if lines := marks.of(piece):
                    outcome = await self._undo(way, piece[0], lines)
                    undone += len(lines)
                    others += _others(outcome, len(lines))
                    facts: Facts = {"phase": way.goes_back, "done": undone, "total": marks.count}
                    await job.progress(facts)
                    await self._pause(outcome.seconds)
        except ActionFailed:
            return phrase(way.halfway, left=marks.count - undone, total=file.rows)
        return phrase(way.as_it_was, moved=marks.count, others=others)

    async def _undo(
        self, way: Way, columns: Sequence[str], lines: Sequence[bytes]
    ) -> Removed | Returned:
        if way is OUT:
            return await self.rows.put_back(columns, lines)
        return await self.rows.remove(columns, lines)

    async def _pause(self, seconds: float) -> None:
        if seconds:
            await self.rest(min(seconds, LONGEST_REST))


def look(job: Job, done: Facts) -> None:
    if job.stop.asked:
        raise Stopped(done)


def _others(outcome: Removed | Returned, lines: int) -> int:
    """Rows that somebody has changed meanwhile: those are left as they are."""
    return outcome.kept if isinstance(outcome, Returned) else lines - len(outcome.moved)
