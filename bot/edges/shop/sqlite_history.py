"""A short writing transaction on the shop's SQLite file, for its history."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.core.model import Row, Scalar, Source, Unreadable, phrase
from bot.edges.shop import sqlite_errors
from bot.edges.shop.history import BUSY_SECONDS, SECONDS, Session
from bot.edges.shop.log_files import would_lock_out_the_shop
from bot.edges.shop.threads import Stop
from bot.edges.shop.writing import whole, writing


@dataclass(frozen=True, slots=True)
class SqliteSession:
    connection: sqlite3.Connection
    dialect: str = "sqlite"

    def rows(self, statement: str, binds: Mapping[str, Scalar]) -> list[Row]:
        cursor = self.connection.execute(statement, dict(binds))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def sqlite_sessions(path: Path) -> Callable[[Stop], AbstractContextManager[Session]]:
    @contextmanager
    def session(stop: Stop) -> Iterator[Session]:
        with (
            sqlite_errors.translated(path, limit_seconds=SECONDS),
            _open(path) as connection,
            stop.interrupts(connection),
            whole(connection),
        ):
            yield SqliteSession(connection)

    return session


def _open(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    if would_lock_out_the_shop(path.resolve(strict=True)):
        raise Unreadable(phrase("shop_log_of_another", path=str(path)), Source.SHOP_DATABASE)
    return writing(path, busy_seconds=BUSY_SECONDS)
