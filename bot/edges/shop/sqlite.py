"""The shop's SQLite file: a fresh guarded connection for every question.

Opening costs less than 0.1 ms, and a file that was replaced meanwhile is never read from its
old inode. Limits hold in the thread itself: asyncio's timeouts cannot stop a statement.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.core.machine import Storage
from bot.core.model import Row, Scalar, Unreadable, phrase
from bot.core.tools import DatabaseSize, PlanStep, TableInfo, TableSchema
from bot.edges.shop import drift, guard, sqlite_catalogue, sqlite_errors, sqlite_storage
from bot.edges.shop.limits import Limits
from bot.edges.shop.threads import Stop, Threads

T = TypeVar("T")
WORKERS = 8  # every check of a round and a diagnosis or two, without a queue
SHORTEST_BUSY = 0.05  # seconds; also a question that had to queue tries the lock at least once


class SqliteShop:
    def __init__(self, path: Path, *, sql: Callable[..., str], limits: Limits) -> None:
        self._path = path
        self._sql = sql
        self._limits = limits
        self._threads = Threads("shop", workers=WORKERS)

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        statement = self._sql(query, dialect="sqlite")
        return await self._ask(lambda connection: self._fetch(connection, statement, binds))

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        found = await self._ask(
            lambda connection: {name.lower(): self._columns(connection, name) for name in needs}
        )
        drift.judge(needs, {name: columns for name, columns in found.items() if columns})

    async def size(self) -> DatabaseSize:
        return await self._ask(self._measure)

    async def storage(self, *, tables: bool = True) -> Storage:
        measure = self._sql("shop/dbstat.sql.j2", dialect="sqlite") if tables else None
        limits = self._limits

        def work(stop: Stop) -> Storage:
            with (
                sqlite_errors.translated(self._path, limit_seconds=limits.statement_seconds),
                guard.reading(self._path, busy_seconds=limits.busy_seconds) as connection,
            ):
                return sqlite_storage.storage(
                    self._path, connection, measure, stop, busy_seconds=limits.busy_seconds
                )

        return await self._threads.run(work)

    async def connections(self) -> None:
        return None

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        statement = self._sql(query, dialect="sqlite")
        return await self._ask(
            lambda one: self._named(one, statement, binds, sqlite_catalogue.plan)
        )

    async def tables(self) -> Sequence[TableInfo]:
        return await self._ask(sqlite_catalogue.tables)

    async def schema(self, table: str) -> TableSchema:
        return await self._ask(
            lambda connection: TableSchema(
                columns=sqlite_catalogue.columns(connection, table),
                indexes=sqlite_catalogue.indexes(connection, table),
            )
        )

    async def close(self) -> None:
        await self._threads.close()

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        limits = self._limits
        locked_at = time.monotonic() + limits.busy_seconds

        def work(stop: Stop) -> T:
            patience = max(locked_at - time.monotonic(), SHORTEST_BUSY)
            with (
                sqlite_errors.translated(self._path, limit_seconds=limits.statement_seconds),
                guard.reading(self._path, busy_seconds=patience) as connection,
                guard.bounded(connection, stop, seconds=limits.statement_seconds + patience),
            ):
                return question(connection)

        return await self._threads.run(work, limit=limits.whole_seconds)

    def _fetch(
        self, connection: sqlite3.Connection, statement: str, binds: Mapping[str, Scalar]
    ) -> list[Row]:
        most = self._limits.max_rows
        names, rows = self._named(connection, statement, binds, partial(_read, most=most + 1))
        if len(rows) > most:
            raise Unreadable(phrase("shop_too_many_rows", limit=most))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _named(
        self,
        connection: sqlite3.Connection,
        statement: str,
        binds: Mapping[str, Scalar],
        work: Callable[[sqlite3.Connection, str, Mapping[str, Scalar]], T],
    ) -> T:
        """Do it, and name what the database lacks for it."""
        try:
            return work(connection, statement, binds)
        except sqlite3.Error as error:
            if missing := self._missing(connection, statement, error):
                raise missing from error
            raise

    def _missing(
        self, connection: sqlite3.Connection, statement: str, error: sqlite3.Error
    ) -> Unreadable | None:
        """Name what is missing; SQLite does not say which view a missing column is in."""
        if (missing := sqlite_errors.missing_name(error)) is None:
            return None
        self._refuse_without_tables(connection)
        words = statement.lower()
        for name in _views(connection):
            if name.lower() in words and (detail := _trouble(connection, name)):
                return drift.broken_view(name, detail)
        kind, name = missing
        return drift.missing_table(name) if kind == "table" else drift.missing_column(name)

    def _columns(self, connection: sqlite3.Connection, name: str) -> drift.Columns:
        """Name the columns of a table or view, in lower case; none where it does not exist."""
        try:
            rows = connection.execute(
                f"PRAGMA table_xinfo({sqlite_catalogue.quoted(name)})"
            ).fetchall()
        except sqlite3.OperationalError as error:
            if sqlite_errors.missing_name(error) is None:
                raise
            return drift.Broken(str(error))
        if not rows:
            self._refuse_without_tables(connection)
        return {str(row[1]).lower() for row in rows}

    def _refuse_without_tables(self, connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
            raise sqlite_errors.no_tables(self._path)

    def _measure(self, connection: sqlite3.Connection) -> DatabaseSize:
        page_size = pragma(connection, "page_size")
        free_pages = pragma(connection, "freelist_count")
        self._refuse_without_tables(connection)
        disk = shutil.disk_usage(self._path.resolve().parent)
        return DatabaseSize(
            name=self._path.name,
            main_bytes=self._path.stat().st_size,
            wal_bytes=bytes_of(beside(self._path, "-wal")),
            free_bytes=free_pages * page_size,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
        )


def pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def beside(path: Path, suffix: str) -> Path:
    """Name a journal: SQLite puts it beside the file itself, not beside a link to it."""
    return Path(f"{path.resolve()}{suffix}")


def bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _views(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
    return [str(row[0]) for row in rows]


def _trouble(connection: sqlite3.Connection, view: str) -> str | None:
    try:
        connection.execute(f"PRAGMA table_xinfo({sqlite_catalogue.quoted(view)})").fetchall()
    except sqlite3.OperationalError as error:
        return str(error)
    return None


def _read(
    connection: sqlite3.Connection, statement: str, binds: Mapping[str, Scalar], *, most: int
) -> tuple[list[str], list[tuple[Scalar, ...]]]:
    cursor = connection.execute(statement, dict(binds))
    rows = cursor.fetchmany(most)
    return [column[0] for column in cursor.description or ()], rows
