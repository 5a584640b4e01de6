"""The assistant's own database: one SQLite file, one writer, one thread.

Use cases run whole on the store's thread (see `bot.core.ports`): a tap costs one hop between
threads instead of one for each statement, and no transaction is ever open across an `await`.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import StaticPool

from bot.core.model import Json
from bot.edges.store.alerts import SqlAlerts
from bot.edges.store.migrate import upgrade
from bot.edges.store.posts import SqlPosts
from bot.edges.store.runs import SqlRuns
from bot.edges.store.schema import memory
from bot.edges.store.silences import SqlSilences
from bot.edges.store.smaller import SqlAudit, SqlButtons, SqlChecks

T = TypeVar("T")


@dataclass(frozen=True)
class SqlTx:
    """One transaction on the store's thread."""

    connection: Connection

    @cached_property
    def alerts(self) -> SqlAlerts:
        return SqlAlerts(self.connection)

    @cached_property
    def runs(self) -> SqlRuns:
        return SqlRuns(self.connection)

    @cached_property
    def posts(self) -> SqlPosts:
        return SqlPosts(self.connection)

    @cached_property
    def buttons(self) -> SqlButtons:
        return SqlButtons(self.connection)

    @cached_property
    def checks(self) -> SqlChecks:
        return SqlChecks(self.connection)

    @cached_property
    def silences(self) -> SqlSilences:
        return SqlSilences(self.connection)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self.connection)

    def remember(self, key: str, value: Json, now: datetime) -> None:
        statement = insert(memory).values(key=key, value=value, at=now)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={"value": value, "at": now}
            )
        )

    def recall(self, key: str) -> Json:
        found: Json = self.connection.execute(
            select(memory.c.value).where(memory.c.key == key)
        ).scalar_one_or_none()
        return found


class SqlStore:
    """Opened by `SqlStore.open`, which migrates; closed by `close`."""

    def __init__(self, engine: Engine, executor: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._executor = executor

    @classmethod
    async def open(cls, path: Path | None) -> "SqlStore":
        """Open the file, made and brought up to date where needed; None: in memory."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        engine = await asyncio.get_running_loop().run_in_executor(executor, _open, path)
        return cls(engine, executor)

    async def write(self, work: Callable[[SqlTx], T]) -> T:
        return await self._run(self._engine, work)

    async def read(self, work: Callable[[SqlTx], T]) -> T:
        return await self._run(self._engine.execution_options(reads_only=True), work)

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._engine.dispose)
        self._executor.shutdown()

    async def _run(self, engine: Engine, work: Callable[[SqlTx], T]) -> T:
        def transaction() -> T:
            with engine.begin() as connection:
                return work(SqlTx(connection))

        # A cancelled caller must not leave a half-known outcome: the work itself always ends.
        return await asyncio.get_running_loop().run_in_executor(self._executor, transaction)


def _open(path: Path | None) -> Engine:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{path}" if path else "sqlite://"
    # The driver must not begin transactions of its own: `_begin` does.
    engine = create_engine(url, poolclass=StaticPool, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    upgrade(engine)
    return engine


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a claim must survive a power cut; it costs 0.2 ms
        "foreign_keys=ON",
        "busy_timeout=5000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once with BUSY_SNAPSHOT.
    reads_only = connection.get_execution_options().get("reads_only")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
