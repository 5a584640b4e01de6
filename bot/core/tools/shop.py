"""The shop's database: what may be read of it, and the few things that change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.job import Job, Stop
from bot.core.machine import Connections, Storage
from bot.core.model import Facts, Row, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSize:
    """Bytes of the shop's database and of the disk it lives on.

    `free_bytes` is what VACUUM gives back at least; `None` where the database cannot tell
    (PostgreSQL). `total` is what counts against the limit: file and write-ahead log.
    """

    name: str
    main_bytes: int
    wal_bytes: int
    free_bytes: int | None
    disk_free_bytes: int | None
    disk_total_bytes: int | None

    @property
    def total(self) -> int:
        return self.main_bytes + self.wal_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One line of a query plan; `scan`: it reads a whole table."""

    depth: int
    text: str
    scan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """A table or view. `rows` is an estimate that costs nothing; None: there is none."""

    name: str
    view: bool = False
    rows: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """`key`: its place in the primary key, from 1; 0: none."""

    name: str
    type: str
    required: bool = False
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    name: str
    columns: Sequence[str]
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    columns: Sequence[ColumnInfo]
    indexes: Sequence[IndexInfo] = ()


class ShopDatabase(Protocol):
    """The watched database, read-only. Callers name a SQL template; they never hold SQL."""

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        """Run `templates/<query>` with bound values under a time and row limit.

        A date is passed as "YYYY-MM-DD", a time as "YYYY-MM-DD HH:MM:SS" (UTC).
        """
        ...

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        """Raise `Unreadable` naming every missing table, view and column of `needs`.

        Several tenants (`org_id`) in a needed table count as missing knowledge too.
        """
        ...

    async def size(self) -> DatabaseSize: ...

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        """How the database would answer `templates/<query>`; the statement is not run."""
        ...

    async def tables(self) -> Sequence[TableInfo]: ...

    async def schema(self, table: str) -> TableSchema:
        """Columns and indexes; no columns: there is no such table or view."""
        ...


class ShopStorage(Protocol):
    async def storage(self, *, tables: bool = True) -> Storage:
        """Files, holders and biggest tables of the shop's database, within a time limit.

        Without `tables` they are not measured, which is what takes time.
        """
        ...

    async def connections(self) -> Connections | None:
        """Who is connected to the server; None: a file has none to run out of."""
        ...


class ShopMaintenance(Protocol):
    """Writing access to the shop's database, opened for one remediation only."""

    async def vacuum(self, stop: Stop) -> Facts:
        """Rewrite the file without its free pages, then give the space back.

        Facts: `seconds`, `before_bytes`, `after_bytes`, `space_returned` (false where a
        reader still holds the write-ahead log). Raises `ActionFailed`; `Stopped` where it was
        asked to stop in time, with `partly`: whether something of it is done and stays.
        """
        ...

    async def full_needs(self) -> Facts:
        """What VACUUM FULL would write anew: `total_bytes`, `tables`, `largest`, `largest_bytes`.

        `disk_free_bytes` is None where the server's disk is not known. Raises `ActionFailed`
        where there is no such statement (SQLite).
        """
        ...

    async def full(self, job: Job) -> Facts:
        """Write every table anew, one after another; `job` says when to stop, and is told how far.

        Facts: `seconds`, `before_bytes`, `after_bytes`, `tables`, and in `busy` those that were
        in use and are as they were. Raises `Stopped` or `ActionFailed`.
        """
        ...

    async def tidy(self, work: str, stop: Stop) -> Facts:
        """Do "reindex", "analyze" or "checkpoint".

        Facts: `seconds`, `log_before_bytes`, `log_after_bytes`. Stops as `vacuum` does; `left`
        names indexes that a server has begun and that could not be dropped.
        """
        ...

    async def probe(self) -> Facts:
        """See what work that nobody saw the end of has left.

        Facts: `main_bytes`; `free_bytes` where it can be read; of a file also `wal_bytes` and
        `journal_bytes`.
        """
        ...

    async def vacuum_needs(self) -> Facts:
        """`frees_bytes`, `needs_disk_bytes`, `disk_free_bytes`, `about_seconds`, `writers`.

        `locks_writers`: whether programs that write have to wait until the end.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One statement, `templates/<query>`, that must change exactly so many rows."""

    query: str
    binds: Mapping[str, Scalar]
    rows: int = 1


class ShopEdits(Protocol):
    """Small changes of the shop's rows."""

    async def change(self, edits: Sequence[Edit]) -> None:
        """Carry out all of them in one transaction, or raise `ActionFailed` and change nothing."""
        ...
