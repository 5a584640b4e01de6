"""The table on a PostgreSQL server. Values are the server's own text, which it takes back."""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.lines import Batch, Place, batch, by_id, decode, ids, same
from bot.edges.archive.reserve import Release
from bot.edges.archive.rows import Counts, DiskFull, Removed, Returned, refuse_miscount, returned
from bot.edges.shop import postgres_errors
from bot.edges.shop.named_binds import to_psycopg
from bot.edges.shop.postgres import connect

READ_SECONDS: Final = 60.0
FIRST: Final = Place()
# Texts that do not depend on how this server is set up.
_FORMS: Final = b"""
    SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1;
    SET LOCAL lock_timeout = 15000; SET LOCAL statement_timeout = 60000
"""
_KEYS = {"shop_locked": "archive_locked", "shop_too_slow": "archive_interrupted"}
Values = Mapping[str, object]


class PostgresRows:
    dialect = "postgresql"

    def __init__(self, conninfo: str, *, sql: Callable[..., str]) -> None:
        self._conninfo, self._sql = conninfo, sql

    async def counts(self, before: str) -> Counts:
        async with self._session() as session:
            binds = {"since": FIRST.day, "before": before}
            _, rows = await self._texts(session, "archive/counts.sql.j2", binds)
        count, stay, first, last = rows[0]
        return Counts(rows=int(count or 0), stay=int(stay or 0), first=first, last=last)

    async def columns(self) -> Sequence[str]:
        async with self._session() as session:
            names, _ = await self._texts(session, "archive/columns.sql.j2", {})
        return names

    async def batch(self, after: Place, before: str, *, most: int) -> Batch:
        binds = {"day": after.day, "id": after.id, "before": before, "most": most}
        async with self._session() as session:
            names, rows = await self._texts(session, "archive/batch.sql.j2", binds)
        return batch(names, rows)

    async def hold(self, size: int) -> Release:
        del size
        return lambda: None

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> Removed:
        numbers = ids(columns, lines)
        began = time.monotonic()
        async with self._session() as session:
            found = await self._found(session, columns, numbers)
            going = same(numbers, lines, found)
            gone = (
                await session.execute(
                    self._statement("archive/remove.sql.j2"), {"ids": json.dumps(going)}
                )
            ).rowcount
            refuse_miscount(len(going), gone)
        seconds = time.monotonic() - began
        return Removed(moved=going, changed=len(found) - gone, seconds=seconds)

    async def put_back(self, columns: Sequence[str], lines: Sequence[bytes]) -> Returned:
        numbers = ids(columns, lines)
        rows = [{f"v{at}": one for at, one in enumerate(decode(line))} for line in lines]
        names = [psycopg.sql.Identifier(one).as_string() for one in columns]
        began = time.monotonic()
        async with self._session() as session:
            there = same(numbers, lines, await self._found(session, columns, numbers))
            async with session.cursor() as cursor:
                await cursor.executemany(
                    self._statement("archive/add.sql.j2", columns=names), rows
                )
                added = cursor.rowcount
            now = same(numbers, lines, await self._found(session, columns, numbers))
            refuse_miscount(len(there) + added, len(now))
        return returned(numbers, there, now, seconds=time.monotonic() - began)

    async def close(self) -> None: ...

    async def _found(
        self,
        session: psycopg.AsyncConnection[TupleRow],
        columns: Sequence[str],
        numbers: Sequence[object],
    ) -> dict[object, bytes]:
        binds = {"ids": json.dumps(numbers)}
        names, rows = await self._texts(session, "archive/found.sql.j2", binds)
        at = [names.index(one) for one in columns]
        return by_id(columns, ([row[place] for place in at] for row in rows))

    async def _texts(
        self, session: psycopg.AsyncConnection[TupleRow], name: str, binds: Values
    ) -> tuple[list[str], list[list[str | None]]]:
        """Every value as the text that the server sent."""
        cursor = await session.execute(self._statement(name), binds)
        result = cursor.pgresult
        names = [column.name for column in cursor.description or ()]
        if result is None:
            return names, []
        width = range(len(names))
        rows = [
            [_text(result.get_value(row, at)) for at in width] for row in range(result.ntuples)
        ]
        return names, rows

    def _statement(self, name: str, **context: object) -> bytes:
        return to_psycopg(self._sql(name, dialect="postgresql", **context)).encode()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        """One transaction: committed at the end of the block, or nothing of it."""
        try:
            with postgres_errors.translated(self._conninfo, limit_seconds=READ_SECONDS):
                async with await connect(self._conninfo) as session:
                    await session.execute(_FORMS)
                    yield session
        except Unreadable as error:
            key = _KEYS.get(error.why.key, error.why.key)
            failed = DiskFull if key == "shop_disk_full" else ActionFailed
            raise failed(phrase(key, **error.why.values)) from error


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
