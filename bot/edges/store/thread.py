"""The state database's one connection, as its thread sees it."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from bot.edges.store.migrate import upgrade
from bot.edges.store.touched import forget, take
from bot.edges.store.tx import SqlTx

T = TypeVar("T")
Kind = Literal["read", "write", "durable"]


@dataclass(slots=True, eq=False)
class Job:
    """A use case that waits for its transaction, and later what came of it."""

    kind: Kind
    work: Callable[[SqlTx], Any]
    answer: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None
    touched: bool = False  # it gave somebody work to do

    def tell(self) -> None:
        """On the event loop: answer whoever waits, unless they gave up."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        elif isinstance(self.error, StopIteration):  # no future takes one
            self.answer.set_exception(RuntimeError("a use case raised StopIteration"))
        else:
            self.answer.set_exception(self.error)


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
            with suppress(FileExistsError):
                # What people wrote and did is nobody else's; the log files take this mode over.
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        url = f"sqlite:///{path}" if path else "sqlite://"
        engine = create_engine(url, poolclass=StaticPool, connect_args={"isolation_level": None})
        event.listen(engine, "connect", _configure)
        try:
            upgrade(engine, path)
        except BaseException:
            engine.dispose()
            raise
        # Transactions are begun and ended below, by hand: SQLAlchemy's own cost half a tap.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # the URL above says so
        return cls(engine, connection, driver)

    def run(self, kind: Kind, work: Callable[[SqlTx], T]) -> tuple[T, bool]:
        """One transaction; and whether it gave somebody work to do."""
        (outcome,) = self._transaction(kind, [work])
        return outcome

    def run_all(self, jobs: Sequence[Job]) -> None:
        """All in one transaction; if that fails, each in its own, so that none undoes another.

        So a use case may run twice. It acts through its `Tx` only: nothing is left of the first
        time.
        """
        if len(jobs) > 1:
            with suppress(BaseException):  # it comes again below, to whom it belongs
                outcomes = self._transaction(jobs[0].kind, [job.work for job in jobs])
                for job, outcome in zip(jobs, outcomes, strict=True):
                    job.result, job.touched = outcome
                return
        for job in jobs:
            try:
                job.result, job.touched = self.run(job.kind, job.work)
            except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
                job.error = error

    def _transaction(
        self, kind: Kind, works: Sequence[Callable[[SqlTx], T]]
    ) -> list[tuple[T, bool]]:
        self._begin(kind)
        try:
            outcomes = [(work(SqlTx(self.connection)), take(self.connection)) for work in works]
            self.driver.execute("COMMIT")
        except BaseException:
            forget(self.connection)
            with suppress(sqlite3.Error):  # an error of its own must not hide the first
                self.driver.execute("ROLLBACK")
            raise
        return outcomes

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
