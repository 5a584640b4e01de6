"""The table in a SQLite file. One thread; a connection lives for one batch."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.lines import Batch, Place, batch, by_id, decode, ids, same
from bot.edges.archive.reserve import Release, hold
from bot.edges.archive.rows import Counts, DiskFull, Removed, Returned, refuse_miscount, returned
from bot.edges.shop import guard, sqlite_errors
from bot.edges.shop.sqlite_catalogue import quoted
from bot.edges.shop.threads import Stop, Threads
from bot.edges.shop.writing import whole, writing

T = TypeVar("T")
BUSY_SECONDS: Final = 15.0  # a collector at work holds the lock for seconds
READ_SECONDS: Final = 60.0  # of one batch, or of a count
FIRST: Final = Place()

_KEYS = {"shop_locked": "archive_locked", "shop_too_slow": "archive_interrupted"}


class SqliteRows:
    dialect = "sqlite"

    def __init__(self, path: Path, *, sql: Callable[..., str]) -> None:
        self._path, self._sql = path, sql
        self._threads = Threads("shop-archive", workers=1)

    async def counts(self, before: str) -> Counts:
        binds = {"since": FIRST.day, "before": before}

        def work(connection: sqlite3.Connection) -> Counts:
            row = connection.execute(self._named("archive/counts.sql.j2"), binds).fetchone()
            return Counts(rows=row[0], stay=row[1], first=row[2], last=row[3])

        return await self._read(work)

    async def columns(self) -> Sequence[str]:
        statement = self._named("archive/columns.sql.j2")
        return await self._read(lambda connection: _names(connection.execute(statement)))

    async def batch(self, after: Place, before: str, *, most: int) -> Batch:
        binds = {"day": after.day, "id": after.id, "before": before, "most": most}

        def work(connection: sqlite3.Connection) -> Batch:
            cursor = connection.execute(self._named("archive/batch.sql.j2"), binds)
            return batch(_names(cursor), cursor.fetchall())

        return await self._read(work)

    async def hold(self, size: int) -> Release:
        return await self._run(lambda _: hold(self._path.resolve().parent, size))

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> Removed:
        numbers = ids(columns, lines)

        def work(connection: sqlite3.Connection) -> Removed:
            with _transaction(connection) as began:
                found = self._found(connection, columns, numbers)
                going = same(numbers, lines, found)
                binds = {"ids": json.dumps(going)}
                gone = connection.execute(self._named("archive/remove.sql.j2"), binds).rowcount
                refuse_miscount(len(going), gone)
            seconds = time.monotonic() - began
            return Removed(moved=going, changed=len(found) - gone, seconds=seconds)

        return await self._write(work)

    async def put_back(self, columns: Sequence[str], lines: Sequence[bytes]) -> Returned:
        numbers = ids(columns, lines)
        rows = [{f"v{at}": one for at, one in enumerate(decode(line))} for line in lines]
        insert = self._named("archive/add.sql.j2", columns=[quoted(one) for one in columns])

        def work(connection: sqlite3.Connection) -> Returned:
            with _transaction(connection) as began:
                there = same(numbers, lines, self._found(connection, columns, numbers))
                added = connection.executemany(insert, rows).rowcount
                now = same(numbers, lines, self._found(connection, columns, numbers))
                refuse_miscount(len(there) + added, len(now))
            return returned(numbers, there, now, seconds=time.monotonic() - began)

        return await self._write(work)

    async def close(self) -> None:
        await self._threads.close()

    def _found(
        self, connection: sqlite3.Connection, columns: Sequence[str], numbers: Sequence[object]
    ) -> dict[object, bytes]:
        """The rows with these ids, as lines with the file's columns."""
        statement = self._named("archive/found.sql.j2")
        cursor = connection.execute(statement, {"ids": json.dumps(numbers)})
        names = _names(cursor)
        if names == list(columns):
            return by_id(columns, cursor)
        at = [names.index(one) for one in columns]  # the table got columns since
        return by_id(columns, ([row[place] for place in at] for row in cursor))

    def _named(self, name: str, **context: object) -> str:
        return self._sql(name, dialect="sqlite", **context)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def reading(stop: Stop) -> T:
            with (
                guard.reading(self._path, busy_seconds=BUSY_SECONDS) as connection,
                guard.bounded(connection, stop, seconds=READ_SECONDS),
            ):
                connection.text_factory = str  # what is no text must not become another one
                return work(connection)

        return await self._run(reading)

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def changing(_stop: Stop) -> T:
            with writing(self._path, busy_seconds=BUSY_SECONDS) as connection:
                return work(connection)

        return await self._run(changing)

    async def _run(self, work: Callable[[Stop], T]) -> T:
        def translated(stop: Stop) -> T:
            with sqlite_errors.translated(self._path, limit_seconds=READ_SECONDS):
                return work(stop)

        try:
            return await self._threads.run(translated)
        except Unreadable as error:
            key = _KEYS.get(error.why.key, error.why.key)
            failed = DiskFull if key == "shop_disk_full" else ActionFailed
            raise failed(phrase(key, **{"path": str(self._path), **error.why.values})) from error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[float]:
    """All or nothing; gives the time since when it holds the lock."""
    connection.execute("PRAGMA foreign_keys=ON")
    with whole(connection):
        yield time.monotonic()


def _names(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description or ()]
