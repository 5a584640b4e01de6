"""Connections to the shop's SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# The assistant may be running VACUUM, which holds off every writer until it is done.
WRITER_PATIENCE = 60.0
READER_PATIENCE = 5.0


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open `path` read-only; a missing file is an error, never an empty database."""
    uri = path.resolve(strict=True).as_uri() + "?mode=ro"
    with closing(_connect(uri, READER_PATIENCE)) as connection:
        yield connection


@contextmanager
def writing(path: Path, patience: float = WRITER_PATIENCE) -> Iterator[sqlite3.Connection]:
    """One transaction on `path`: committed at the end, rolled back on an error."""
    with opened(path, patience) as connection, transaction(connection):
        yield connection


@contextmanager
def opened(path: Path, patience: float = WRITER_PATIENCE) -> Iterator[sqlite3.Connection]:
    uri = path.resolve(strict=True).as_uri() + "?mode=rw"
    with closing(_connect(uri, patience)) as connection:
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _connect(uri: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection
