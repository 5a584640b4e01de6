"""The shop's database on a PostgreSQL server.

psycopg speaks asyncio, so no thread is needed, and cancelling the caller cancels the statement
on the server. A connection lives for one question, as with SQLite: a restarted server, a
changed password or a failover needs no care here.

The transaction is read-only and bounded by the server's own `statement_timeout`; a session
could switch both off, so real protection is a role that may only SELECT (`docs/operations.md`).
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import LiteralString

import psycopg
from psycopg import sql as composed
from psycopg.rows import TupleRow

from bot.core.machine import Connections, Storage, TableSize
from bot.core.model import Row, Scalar, Unreadable, phrase
from bot.core.tools import DatabaseSize, PlanStep, TableInfo, TableSchema
from bot.edges.shop import drift, postgres_catalogue, postgres_errors
from bot.edges.shop.limits import Limits
from bot.edges.shop.named_binds import to_psycopg

CONNECT_SECONDS = 3.0
APPLICATION = "sovani-ops"

_COLUMNS: LiteralString = """
    SELECT lower(c.relname), lower(a.attname)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE lower(c.relname) = ANY(%s) AND pg_table_is_visible(c.oid)
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
"""
_SIZE: LiteralString = "SELECT current_database(), pg_database_size(current_database())"


class PostgresShop:
    def __init__(self, conninfo: str, *, sql: Callable[..., str], limits: Limits) -> None:
        self._conninfo = conninfo
        self._sql = sql
        self._limits = limits

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        statement = to_psycopg(self._sql(query, dialect="postgresql"))
        most = self._limits.max_rows
        # a cursor on the server: a hundred million rows never come here to be counted
        async with self._reading() as connection, connection.cursor(name="rows") as cursor:
            await cursor.execute(statement.encode(), dict(binds))
            found = await cursor.fetchmany(most + 1)
            names = [column.name for column in cursor.description or ()]
        if len(found) > most:
            raise Unreadable(phrase("shop_too_many_rows", limit=most))
        return [dict(zip(names, map(scalar, row), strict=True)) for row in found]

    async def require(self, needs: Mapping[str, Sequence[str]]) -> None:
        async with self._reading() as connection:
            cursor = await connection.execute(_COLUMNS, [[name.lower() for name in needs]])
            found: dict[str, set[str]] = {}
            async for table, column in cursor:
                found.setdefault(table, set()).add(column)
        drift.judge(needs, found)

    async def size(self) -> DatabaseSize:
        """Ask the server; its disk is unknown here."""
        async with self._reading() as connection:
            row = await (await connection.execute(_SIZE)).fetchone()
        name, size = row or ("", 0)
        return DatabaseSize(
            name=name,
            main_bytes=size,
            wal_bytes=0,
            free_bytes=None,
            disk_free_bytes=None,
            disk_total_bytes=None,
        )

    async def storage(self, *, tables: bool = True) -> Storage:
        """Ask for its tables and sessions."""
        found = await self.rows("shop/postgres_tables.sql.j2") if tables else []
        return Storage(
            dialect="postgresql",
            tables=[
                TableSize(
                    name=str(row["name"]),
                    bytes=int(row["bytes"] or 0),
                    indexes_bytes=int(row["indexes_bytes"] or 0),
                )
                for row in found
            ],
            connections=await self.connections(),
        )

    async def connections(self) -> Connections:
        sessions = await self.rows("shop/postgres_connections.sql.j2")
        states: Counter[str] = Counter()
        programs: Counter[str] = Counter()
        for row in sessions:
            states[str(row["state"])] += int(row["sessions"] or 0)
            programs[str(row["program"])] += int(row["sessions"] or 0)
        most = int(sessions[0]["most"] or 0) if sessions else 0
        return Connections(states=states.most_common(), programs=programs.most_common(), most=most)

    async def plan(self, query: str, /, **binds: Scalar) -> Sequence[PlanStep]:
        statement = to_psycopg(self._sql(query, dialect="postgresql"))
        async with self._reading() as connection:
            return await postgres_catalogue.plan(connection, statement, binds)

    async def tables(self) -> Sequence[TableInfo]:
        async with self._reading() as connection:
            return await postgres_catalogue.tables(connection)

    async def schema(self, table: str) -> TableSchema:
        async with self._reading() as connection:
            return TableSchema(
                columns=await postgres_catalogue.columns(connection, table),
                indexes=await postgres_catalogue.indexes(connection, table),
            )

    async def close(self) -> None: ...

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        limits = self._limits
        with postgres_errors.translated(self._conninfo, limit_seconds=limits.statement_seconds):
            async with asyncio.timeout(CONNECT_SECONDS + limits.whole_seconds):
                connection = await connect(self._conninfo)
                async with connection:
                    await connection.set_read_only(True)
                    await connection.execute(_bounds(limits))
                    yield connection


async def connect(conninfo: str, *, autocommit: bool = False) -> psycopg.AsyncConnection[TupleRow]:
    """Connect within `CONNECT_SECONDS`, or raise `TimeoutError` or `psycopg.Error`."""
    async with asyncio.timeout(CONNECT_SECONDS):
        return await psycopg.AsyncConnection.connect(
            conninfo, autocommit=autocommit, application_name=APPLICATION
        )


def _bounds(limits: Limits) -> composed.Composed:
    """`cursor_tuple_fraction`: we always fetch all rows, so plan for all of them."""
    return composed.SQL(
        "SET LOCAL statement_timeout = {};"
        "SET LOCAL lock_timeout = {};"
        "SET LOCAL cursor_tuple_fraction = 1;"
        "SET LOCAL timezone = 'UTC'"
    ).format(int(limits.statement_seconds * 1000), int(limits.busy_seconds * 1000))


def scalar(value: object) -> Scalar:
    """Convert to what SQLite would have answered: dates and times as text, in UTC."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return float(value) if math.isfinite(value) else None
        case datetime():
            utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return utc.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)
