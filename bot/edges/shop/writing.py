"""A SQLite file of the shop, open for writing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path


@contextmanager
def writing(path: Path, *, busy_seconds: float) -> Iterator[sqlite3.Connection]:
    """Open a file that exists for writing, without transactions of our own."""
    uri = path.resolve(strict=True).as_uri() + "?mode=rw"
    with closing(
        sqlite3.connect(
            uri, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
    ) as connection:
        yield connection


@contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, all or nothing; it looks and writes with nobody in between."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # an error of its own must not hide the first
            connection.execute("ROLLBACK")
        raise
