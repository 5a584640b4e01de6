"""What the files need of the shop's table; SQLite and PostgreSQL have it each in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.lines import Batch, Place
from bot.edges.archive.reserve import Release


class DiskFull(ActionFailed):
    """The database's disk has no room for the batch; nothing of this batch is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    rows: int
    stay: int  # younger rows
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Of one batch: ids that are gone now, rows that are others than in the file, lock's time."""

    moved: Sequence[object]
    changed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Of one batch: ids inserted, rows that were there, rows whose place others have."""

    moved: Sequence[object]
    there: int
    kept: int
    seconds: float = 0.0


def returned(
    numbers: Sequence[object],
    there: Sequence[object],
    now: Sequence[object],
    *,
    seconds: float,
) -> Returned:
    """From the ids of a batch: those that were there as in the file, and those that are now."""
    known = set(there)
    return Returned(
        moved=[one for one in now if one not in known],
        there=len(there),
        kept=len(numbers) - len(now),
        seconds=seconds,
    )


def refuse_miscount(wanted: int, found: int) -> None:
    """Break a batch off, and so take it back, where a trigger or a rule did something else."""
    if wanted != found:
        raise ActionFailed(phrase("archive_miscounted", wanted=wanted, found=found))


class ShopRows(Protocol):
    """Each call is one short transaction. All raise `ActionFailed`; a full disk is `DiskFull`."""

    @property
    def dialect(self) -> str: ...

    async def counts(self, before: str) -> Counts: ...

    async def columns(self) -> Sequence[str]: ...

    async def batch(self, after: Place, before: str, *, most: int) -> Batch: ...

    async def hold(self, size: int) -> Release:
        """Keep so many bytes of the database's disk until they are given back.

        On a server, whose disk is not ours, nothing is kept.
        """
        ...

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> Removed:
        """Delete those that are exactly as the lines say: all of them, or none."""
        ...

    async def put_back(self, columns: Sequence[str], lines: Sequence[bytes]) -> Returned:
        """Insert those that are missing; nothing that is there is changed."""
        ...

    async def close(self) -> None: ...
