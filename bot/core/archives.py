"""Old sales in files of their own: what an archive offers to actions and questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from bot.core.job import Job
from bot.core.model import Facts, Unreadable, phrase

TABLE: Final = "daily_sales"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A finished file. `whole` is None where it was not read to the end to see."""

    name: str
    rows: int
    first: str  # the oldest day in it
    before: str  # the day its rows end before
    bytes: int
    made_at: str
    shop: str
    whole: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All finished files, the newest first, and what unfinished ones take."""

    folder: str
    files: Sequence[ArchiveFile] = ()
    unfinished: Sequence[str] = ()
    unfinished_bytes: int = 0


class Archives(Protocol):
    """The files, to look at."""

    async def shelf(self) -> Shelf:
        """Raises `Unreadable` where the folder cannot be read; one that is not there is empty."""
        ...


@dataclass(frozen=True, slots=True)
class NoArchives:
    """A shelf that never changes: an empty one, unless said otherwise."""

    kept: Shelf = field(default_factory=lambda: Shelf(folder=""))

    async def shelf(self) -> Shelf:
        return self.kept


class ShopArchive(Protocol):
    """Moves old rows of `daily_sales` into a file and back. All raise `ActionFailed`.

    Each works in batches, tells `job.progress`, ends with `Stopped` between two of them when
    `job.stop` asks, and goes on where an earlier call with the same name was broken off.
    """

    async def outlook(self, name: str, before: str) -> Facts:
        """What would go and what it takes.

        Facts: `rows`, `first`, `last`, `stay` (younger ones), `file_bytes`, `needs_bytes`,
        `free_bytes`, `folder`; `finished` where the file is there already.
        """
        ...

    async def export(self, name: str, before: str, job: Job) -> Facts:
        """Write all rows older than the day `before` into a file, and compare it with them.

        Nothing is removed. Facts: `rows`, `bytes`, `sha256`.
        """
        ...

    async def remove(self, name: str, job: Job) -> Facts:
        """Delete what is in the file and still the same: `removed`, `changed` (those stay)."""
        ...

    async def restore(self, name: str, job: Job) -> Facts:
        """Insert what is missing: `added`, `there` (same already), `kept` (others are there)."""
        ...

    async def look(self, name: str) -> ArchiveFile:
        """Read one file to the end, whether it is whole."""
        ...


class NoArchive:
    """Where nobody has set one up: tests, and commands that change nothing."""

    async def outlook(self, name: str, before: str) -> Facts:
        del name, before
        raise Unreadable(phrase("archive_none"))

    async def export(self, name: str, before: str, job: Job) -> Facts:
        del name, before, job
        raise Unreadable(phrase("archive_none"))

    async def remove(self, name: str, job: Job) -> Facts:
        del name, job
        raise Unreadable(phrase("archive_none"))

    async def restore(self, name: str, job: Job) -> Facts:
        del name, job
        raise Unreadable(phrase("archive_none"))

    async def look(self, name: str) -> ArchiveFile:
        del name
        raise Unreadable(phrase("archive_none"))
