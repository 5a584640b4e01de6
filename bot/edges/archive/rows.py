"""What the files need of the shop's table; SQLite and PostgreSQL have it each in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.edges.archive.lines import Batch, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    rows: int
    stay: int  # younger rows
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Of one batch: rows gone now, rows that are others than in the file, time of the lock."""

    rows: int
    changed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Of one batch: rows inserted, rows that were there, rows whose place others have."""

    added: int
    there: int
    kept: int
    seconds: float = 0.0


class ShopRows(Protocol):
    """Each call is one short transaction. All raise `ActionFailed`."""

    @property
    def dialect(self) -> str: ...

    async def counts(self, before: str) -> Counts: ...

    async def columns(self) -> Sequence[str]: ...

    async def batch(self, after: Place, before: str, *, most: int) -> Batch: ...

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> Removed:
        """Delete those that are exactly as the lines say: all of them, or none."""
        ...

    async def put_back(self, columns: Sequence[str], lines: Sequence[bytes]) -> Returned:
        """Insert those that are missing; nothing that is there is changed."""
        ...

    async def close(self) -> None: ...
