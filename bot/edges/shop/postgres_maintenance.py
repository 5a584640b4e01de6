"""VACUUM on a PostgreSQL server.

The plain form: it blocks nobody and makes dead rows' space usable again, but does not give it
back to the disk. `VACUUM FULL` does, and locks out even readers: two people decide that.
"""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from bot.core.job import Job, Stop, Stopped
from bot.core.model import Facts, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.edges.shop import postgres_errors, postgres_full
from bot.edges.shop.postgres import connect
from bot.edges.shop.postgres_stopping import done

USUAL_BYTES_PER_SECOND = 150e6
_SIZE: LiteralString = "SELECT pg_database_size(current_database())"
_DEAD: LiteralString = """
    SELECT coalesce(sum(pg_relation_size(relid) * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0))
                    , 0)::bigint
    FROM pg_stat_user_tables
"""
_OTHERS: LiteralString = """
    SELECT coalesce(nullif(application_name, ''), 'pid') || ' (' || pid || ')'
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    ORDER BY pid
"""

_REINDEX: LiteralString = "REINDEX SCHEMA CONCURRENTLY public"
_ANALYZE: LiteralString = "ANALYZE"
_LOCK_LIMIT: LiteralString = "SET lock_timeout = '5s'"
_INVALID: LiteralString = """
    SELECT c.relname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname
"""
log = logging.getLogger(__name__)


class PostgresMaintenance:
    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    async def vacuum_needs(self) -> Facts:
        """`frees_bytes` is an estimate from the statistics on dead rows; no disk is needed."""
        async with self._writing() as connection:
            size = await _number(connection, _SIZE)
            others = await (await connection.execute(_OTHERS)).fetchall()
            return {
                "total_bytes": size,
                "frees_bytes": await _number(connection, _DEAD),
                "needs_disk_bytes": 0,
                "disk_free_bytes": None,
                "about_seconds": round(size / USUAL_BYTES_PER_SECOND, 1),
                "busy": False,
                "writers": [str(row[0]) for row in others],
                "locks_writers": False,
            }

    async def vacuum(self, stop: Stop) -> Facts:
        """Run VACUUM; `reusable_bytes` is what stays in the files, ready for new rows.

        Stopped, the tables that it had come to stay cleaned.
        """
        async with self._writing() as connection:
            before, dead = await _number(connection, _SIZE), await _number(connection, _DEAD)
            started = time.monotonic()
            if not await done(connection, "VACUUM (ANALYZE)", stop):
                raise Stopped({"partly": True})
            return {
                "seconds": round(time.monotonic() - started, 2),
                "before_bytes": before,
                "after_bytes": await _number(connection, _SIZE),
                "space_returned": True,
                "reusable_bytes": dead,
            }

    async def full_needs(self) -> Facts:
        async with self._writing() as connection:
            return await postgres_full.needs(connection)

    async def full(self, job: Job) -> Facts:
        async with self._writing() as connection:
            return await postgres_full.rewrite(connection, job)

    async def tidy(self, work: str, stop: Stop) -> Facts:
        """REINDEX without locking writers out, or ANALYZE; a server cuts its own log."""
        if work == "checkpoint":
            raise ActionFailed(phrase("tidy_server"))
        async with self._writing() as connection:
            started, known = time.monotonic(), await _invalid(connection)
            statement = _REINDEX if work == "reindex" else _ANALYZE
            if not await done(connection, statement, stop):
                left = [one for one in await _invalid(connection) if one not in known]
                raise Stopped({"partly": True, "left": await _dropped(connection, left)})
            return {
                "seconds": round(time.monotonic() - started, 2),
                "log_before_bytes": 0,
                "log_after_bytes": 0,
            }

    async def probe(self) -> Facts:
        async with self._writing() as connection:
            return {
                "main_bytes": await _number(connection, _SIZE),
                "free_bytes": await _number(connection, _DEAD),
            }

    async def close(self) -> None: ...

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        """VACUUM refuses to run inside a transaction."""
        try:
            with postgres_errors.translated(self._conninfo, limit_seconds=0):
                async with await connect(self._conninfo, autocommit=True) as connection:
                    yield connection
        except Unreadable as error:
            raise ActionFailed(error.why) from error


async def _invalid(connection: psycopg.AsyncConnection[TupleRow]) -> list[str]:
    """Indexes that no question uses: what a REINDEX CONCURRENTLY leaves where it breaks off."""
    return [str(row[0]) for row in await (await connection.execute(_INVALID)).fetchall()]


async def _dropped(
    connection: psycopg.AsyncConnection[TupleRow], names: Sequence[str]
) -> list[str]:
    """Drop these; those that cannot be dropped are named."""
    await connection.execute(_LOCK_LIMIT)
    left = []
    for name in names:
        index = sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS public.{}").format(sql.Identifier(name))
        try:
            await connection.execute(index)
        except psycopg.Error as error:
            log.warning("an index is left", extra={"index": name, "why": str(error)})
            left.append(name)
    return left


async def _number(connection: psycopg.AsyncConnection[TupleRow], query: LiteralString) -> int:
    row = await (await connection.execute(query)).fetchone()
    return int(row[0]) if row else 0
