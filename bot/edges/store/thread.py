"""The state database's one connection, as its thread sees it."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from bot.edges.store.migrate import upgrade
from bot.edges.store.touched import forget, take
from bot.edges.store.tx import SqlTx

T = TypeVar("T")
Kind = Literal["read", "write", "durable"]


@dataclass(slots=True)
class StateThread:
    """Everything here runs on the store's own thread."""

    engine: Engine
    connection: Connection
    driver: sqlite3.Connection
    synchronous: str = "FULL"

    @classmethod
    def open(cls, path: Path | None) -> Self:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{path}" if path else "sqlite://"
        engine = create_engine(url, poolclass=StaticPool, connect_args={"isolation_level": None})
        event.listen(engine, "connect", _configure)
        upgrade(engine, path)
        # Transactions are begun and ended below, by hand: SQLAlchemy's own cost half a tap.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # the URL above says so
        return cls(engine, connection, driver)

    def run(self, kind: Kind, work: Callable[[SqlTx], T]) -> tuple[T, bool]:
        """One transaction; and whether it gave somebody work to do."""
        self._begin(kind)
        try:
            result = work(SqlTx(self.connection))
            self.driver.execute("COMMIT")
        except BaseException:
            forget(self.connection)
            with suppress(sqlite3.Error):  # an error of its own must not hide the first
                self.driver.execute("ROLLBACK")
            raise
        return result, take(self.connection)

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def _begin(self, kind: Kind) -> None:
        wanted = "FULL" if kind == "durable" else "NORMAL"
        if kind != "read" and wanted != self.synchronous:
            self.driver.execute(f"PRAGMA synchronous={wanted}")
            self.synchronous = wanted
        # A deferred transaction that reads and then writes fails at once with BUSY_SNAPSHOT.
        self.driver.execute("BEGIN" if kind == "read" else "BEGIN IMMEDIATE")


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
