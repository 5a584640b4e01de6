"""A mirror between real tables, on SQLite or PostgreSQL."""

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import psycopg

from bot.core.book import Book
from bot.core.model import Alert, Reading
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.core.runbook import Runbook
from bot.core.watch import record
from bot.edges.cards import Cards
from bot.edges.lookout import Lookout
from bot.edges.mirror import Mirror
from bot.edges.mirror.entries import Entries
from bot.edges.redact import Redactor
from bot.edges.shop import open_history
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests.moment import Clock

SCHEMA = Path("demo/shop/data/schema.sql").read_text()
TABLES = "".join(
    re.findall(r"CREATE (?:TABLE|INDEX)[^;]*ops_(?:alerts|remediation)[^;]*;", SCHEMA)
)
ON_A_SERVER = TABLES.replace("id INTEGER PRIMARY KEY", "id serial PRIMARY KEY").replace(
    "DATETIME", "timestamp"
)
SECRET = "planted-secret-of-the-shop"
Table = list[dict[str, Any]]


class Shop(Protocol):
    @property
    def url(self) -> str: ...

    def run(self, script: str) -> None: ...

    def rows(self, table: str) -> Table: ...


@dataclass(frozen=True)
class File:
    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def run(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as shop:
            shop.executescript(script)

    def rows(self, table: str) -> Table:
        with closing(sqlite3.connect(self.path)) as shop:
            shop.row_factory = sqlite3.Row
            return [dict(row) for row in shop.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608  # a test's own


@dataclass(frozen=True)
class Server:
    url: str

    def run(self, script: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as shop:
            shop.execute(script.encode())

    def rows(self, table: str) -> Table:
        with psycopg.connect(self.url, row_factory=psycopg.rows.dict_row) as shop:
            return shop.execute(f"SELECT * FROM {table} ORDER BY id".encode()).fetchall()  # noqa: S608  # a test's own


@dataclass(kw_only=True)
class Scene:
    shop: Shop
    store: SqlStore
    book: Book
    runbook: Runbook
    clock: Clock
    rests: list[float] = field(default_factory=list)
    mirrors: list[Mirror] = field(default_factory=list)

    def mirror(self) -> Mirror:
        """As a process that has just started sees it."""
        templates = Templates(zone=ZoneInfo("Europe/Moscow"), clock=self.clock)
        made = Mirror(
            store=self.store,
            history=open_history(self.shop.url, sql=templates.sql),
            entries=Entries(
                cards=Cards(templates=templates, book=self.book), redact=Redactor([SECRET])
            ),
            say=templates.say_plain,
            clock=self.clock,
            lookout=Lookout(clock=self.clock, pause=0),
        )
        self.mirrors.append(made)
        return made

    async def sees(self, *readings: Reading) -> None:
        now = self.clock()
        await self.store.write(lambda tx: record(tx, self.book, self.runbook, readings, now))

    async def change(self, work: Callable[[Tx], object]) -> None:
        await self.store.write(work)

    async def acknowledge(self, alert_id: int, by: str) -> None:
        def work(tx: Tx) -> None:
            alert = tx.alerts.get(alert_id)
            assert alert is not None
            now = self.clock()
            taken = replace(alert, acknowledged_by=by, acknowledged_at=now)
            self.book.note(tx, tx.alerts.save(taken), now, "acknowledged", who=by)

        await self.store.write(work)

    async def ran(self, key: str, state: RunState, **values: Any) -> Run:  # noqa: ANN401  # a run's fields
        run = Run(
            id=0,
            key=key,
            action="remediate_vacuum_db",
            target=key,
            state=state,
            asked_at=self.clock(),
            asked_name="Ann",
            asked_by=1,
            **{"started_at": self.clock(), "finished_at": self.clock(), **values},
        )
        made = await self.store.write(lambda tx: tx.runs.add(run))
        assert made is not None
        return made

    async def alert(self, alert_id: int) -> Alert:
        found = await self.store.read(lambda tx: tx.alerts.get(alert_id))
        assert found is not None
        return found

    @property
    def alerts(self) -> Table:
        return self.shop.rows("ops_alerts_history")

    @property
    def repairs(self) -> Table:
        return self.shop.rows("ops_remediation_history")

    def extras(self) -> Sequence[dict[str, Any]]:
        return [json.loads(row["extras_json"]) for row in self.alerts]

    async def close(self) -> None:
        for one in self.mirrors:
            await one.history.close()
