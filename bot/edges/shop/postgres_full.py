"""VACUUM FULL on a PostgreSQL server, table by table.

Each table is written anew beside itself under a lock that lets nobody read or write it, then
the old file goes: the one form that gives space back to the disk. It waits for that lock for a
moment only, since whoever comes after it waits behind it; a table in use is left out and named.
"""

import ipaddress
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import errors
from psycopg import sql as composed
from psycopg.rows import TupleRow

from bot.core.job import Job, Stopped
from bot.core.model import Facts, Json, phrase
from bot.core.runbook import ActionFailed
from bot.edges.shop.postgres_stopping import done

LOCK_SECONDS: Final = 3.0
SHOWN: Final = 5  # tables named in a message

Connection = psycopg.AsyncConnection[TupleRow]

_MINE: LiteralString = """
    SELECT n.nspname, c.relname, pg_total_relation_size(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
      AND pg_has_role(c.relowner, 'USAGE') AND pg_total_relation_size(c.oid) > 0
    ORDER BY 3 DESC, 1, 2
"""
_SIZES: LiteralString = """
    SELECT pg_database_size(current_database()),
           (SELECT setting FROM pg_settings WHERE name = 'data_directory'),
           host(inet_server_addr()),
           (SELECT count(*) > 2 FROM pg_tablespace)
"""
_SIZE: LiteralString = "SELECT pg_database_size(current_database())"


@dataclass(kw_only=True)
class Full:
    """How far it is."""

    total: int
    before_bytes: int
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    busy: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Json]:
        return {
            "before_bytes": self.before_bytes,
            "seconds": round(time.monotonic() - self.started, 2),
            "tables": self.done,
            "busy": self.busy[:SHOWN],
            "busy_count": len(self.busy),
        }


async def needs(connection: Connection) -> Facts:
    """`total_bytes`, `tables`, `largest`, `largest_bytes`; room on the disk where it is ours."""
    tables = await _tables(connection)
    if not tables:
        raise ActionFailed(phrase("vacuum_full_no_tables"))
    row = await (await connection.execute(_SIZES)).fetchone()
    assert row is not None  # noqa: S101  # without FROM there is one row
    total, folder, address, elsewhere = row
    schema, name, largest = tables[0]
    return {
        "total_bytes": total,
        "tables": len(tables),
        "largest": _named(schema, name),
        "largest_bytes": largest,
        "disk_free_bytes": None if elsewhere else _free(folder, address),
        "lock_seconds": LOCK_SECONDS,
    }


async def rewrite(connection: Connection, job: Job) -> Facts:
    """Write every table anew. Raises `Stopped`, with what is done, or `ActionFailed`."""
    tables = await _tables(connection)
    at = Full(total=len(tables), before_bytes=await _size(connection))
    await connection.execute(f"SET lock_timeout = {int(LOCK_SECONDS * 1000)}".encode())
    for schema, name, _ in tables:
        await job.progress({"phase": "vacuum_full_works", "done": at.done, "total": at.total})
        if job.stop.asked or not await _one(connection, job, schema, name, at):
            raise Stopped({**at.facts, "after_bytes": await _size(connection)})
    if not at.done:
        raise ActionFailed(phrase("vacuum_full_in_use", seconds=LOCK_SECONDS))
    return {**at.facts, "after_bytes": await _size(connection)}


async def _one(connection: Connection, job: Job, schema: str, name: str, at: Full) -> bool:
    """False: it was asked to stop, or the server was, and this table is as it was."""
    statement = composed.SQL("VACUUM (FULL, ANALYZE) {}").format(composed.Identifier(schema, name))
    try:
        if not await done(connection, statement, job.stop):
            return False
        at.done += 1
    except errors.QueryCanceled:
        return False
    except errors.LockNotAvailable:
        at.busy.append(_named(schema, name))
    except errors.UndefinedTable:
        pass  # dropped meanwhile
    return True


async def _tables(connection: Connection) -> Sequence[tuple[str, str, int]]:
    found = await (await connection.execute(_MINE)).fetchall()
    return [(str(row[0]), str(row[1]), int(row[2])) for row in found]


async def _size(connection: Connection) -> int:
    row = await (await connection.execute(_SIZE)).fetchone()
    return int(row[0]) if row else 0


def _free(folder: str | None, address: str | None) -> int | None:
    """Bytes free where the server keeps its files, if that is this machine; else nothing."""
    here = address is None or ipaddress.ip_address(address).is_loopback  # None: a local socket
    if folder is None or not here or not Path(folder).is_dir():
        return None
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def _named(schema: str, name: str) -> str:
    return name if schema == "public" else f"{schema}.{name}"
