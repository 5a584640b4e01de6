"""The shop's SQLite file as a thing on a disk: files, holders, biggest tables. Blocking calls."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.core.machine import Storage, StoredFile, TableSize
from bot.edges.shop import guard
from bot.edges.shop.holders import holders
from bot.edges.shop.threads import Stop

# Walking all pages takes 2 s a GB from a cold disk. In WAL mode nobody waits for a reader; else
# the shop's writers do, and give up after 5 s.
PATIENCE: Final = {"wal": 8.0}
SHORT_PATIENCE: Final = 2.0
JOURNALS: Final = ("", "-wal", "-shm", "-journal")
MOST_BACKUPS: Final = 50


def storage(
    path: Path,
    connection: sqlite3.Connection,
    measure: str | None,
    stop: Stop,
    *,
    busy_seconds: float,
) -> Storage:
    """`connection` is guarded; `measure` is the SQL that reads dbstat, if it shall be read."""
    mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    patience = PATIENCE.get(mode, SHORT_PATIENCE)
    main = path.resolve()
    own = [one for suffix in JOURNALS if (one := _file(Path(f"{main}{suffix}")))]
    return Storage(
        dialect="sqlite",
        files=own,
        backups=_backups(main),
        holders=holders(path),
        hidden_holders=os.geteuid() != 0,
        journal_mode=mode,
        tables=_tables(path, measure, stop, seconds=patience, busy_seconds=busy_seconds)
        if measure
        else None,
    )


def _tables(
    path: Path, measure: str, stop: Stop, *, seconds: float, busy_seconds: float
) -> list[TableSize] | None:
    """None where it takes too long, or this SQLite has no dbstat.

    The authorizer of `guard.reading` forbids virtual tables, so this connection does without;
    what it runs is a statement of our own, and it can still only read.
    """
    uri = path.resolve(strict=True).as_uri() + "?mode=ro"
    with closing(
        sqlite3.connect(uri, uri=True, timeout=busy_seconds, check_same_thread=False)
    ) as connection:
        connection.execute("PRAGMA query_only=1")
        try:
            with guard.bounded(connection, stop, seconds=seconds):
                rows = connection.execute(measure).fetchall()
        except sqlite3.OperationalError:
            return None
    return [
        TableSize(name=str(name), bytes=whole, indexes_bytes=part) for name, whole, part in rows
    ]


def _backups(main: Path) -> list[StoredFile]:
    """Name copies beside the database, the newest first: they fill the same disk."""
    known = {f"{main.name}{suffix}" for suffix in JOURNALS}
    found = [one for path in _kin(main) if path.name not in known and (one := _file(path))]
    return sorted(found, key=lambda one: -one.at.timestamp() if one.at else 0.0)


def _kin(main: Path) -> Iterator[Path]:
    """Find files that begin like the database, up to a number: a folder may be full of them."""
    with os.scandir(main.parent) as entries:
        names = sorted(one.name for one in entries if one.name.startswith(main.stem))
    return (main.parent / name for name in names[: MOST_BACKUPS + len(JOURNALS)])


def _file(path: Path) -> StoredFile | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    if not path.is_file():
        return None
    return StoredFile(
        name=path.name, bytes=seen.st_size, at=datetime.fromtimestamp(seen.st_mtime, UTC)
    )
