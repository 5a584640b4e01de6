"""A short writing transaction on a PostgreSQL server, for the shop's history."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from bot.core.model import Row, Scalar
from bot.edges.shop import postgres_errors
from bot.edges.shop.history import BUSY_SECONDS, SECONDS, Session
from bot.edges.shop.named_binds import to_psycopg
from bot.edges.shop.postgres import APPLICATION, CONNECT_SECONDS, scalar
from bot.edges.shop.threads import Stop

_BOUNDS: Final = (
    f"SET LOCAL statement_timeout = {SECONDS * 1000:.0f};"
    f"SET LOCAL lock_timeout = {BUSY_SECONDS * 1000:.0f};"
    "SET LOCAL timezone = 'UTC'"
).encode()


@dataclass(frozen=True, slots=True)
class PostgresSession:
    connection: psycopg.Connection[TupleRow]
    dialect: str = "postgresql"

    def rows(self, statement: str, binds: Mapping[str, Scalar]) -> list[Row]:
        cursor = self.connection.execute(to_psycopg(statement).encode(), dict(binds))
        if cursor.description is None:
            return []
        names = [column.name for column in cursor.description]
        return [dict(zip(names, map(scalar, row), strict=True)) for row in cursor]


def postgres_sessions(
    conninfo: str, *, sql: Callable[..., str]
) -> Callable[[Stop], AbstractContextManager[Session]]:
    turn = sql("mirror/turn.sql.j2", dialect="postgresql")

    @contextmanager
    def session(stop: Stop) -> Iterator[Session]:
        with (
            postgres_errors.translated(conninfo, limit_seconds=SECONDS),
            psycopg.connect(
                conninfo,
                application_name=APPLICATION,
                connect_timeout=round(CONNECT_SECONDS),
            ) as connection,
            stop.interrupts(_Line(connection)),
        ):
            connection.execute(_BOUNDS)
            found = PostgresSession(connection)
            found.rows(turn, {})
            yield found

    return session


@dataclass(frozen=True, slots=True)
class _Line:
    connection: psycopg.Connection[TupleRow]

    def interrupt(self) -> None:
        """Hang up: a polite request to cancel would have the event loop wait for the server."""
        with (
            suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(self.connection.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)
