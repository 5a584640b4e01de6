"""An index that a statement is told to take is the one that it takes."""

import re
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import bot
from bot.edges import store as folder
from bot.edges.store import SqlStore
from bot.edges.store.prepared import Prepared
from bot.edges.store.tx import SqlTx

TOLD = re.compile(r"(\w+) INDEXED BY (\w+)")


def _hinted() -> Iterator[tuple[str, Prepared]]:
    seen = set()
    for module in walk_packages(folder.__path__, f"{folder.__name__}."):
        if ".migrations" in module.name:
            continue
        for name, one in vars(import_module(module.name)).items():
            if isinstance(one, Prepared) and TOLD.search(one.sql) and one not in seen:
                seen.add(one)
                yield name, one


def _written() -> int:
    sources = Path(bot.__path__[0]).rglob("*.py")
    return sum(path.read_text().count(".with_hint(") for path in sources)


async def test_every_hint_reaches_sqlite_and_is_followed(store: SqlStore) -> None:
    def plans(tx: SqlTx) -> dict[str, list[str]]:
        driver = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        found = {}
        for name, one in _hinted():
            nothing = [None] * one.sql.count("?")
            rows = driver.execute(f"EXPLAIN QUERY PLAN {one.sql}", nothing)
            found[name] = [row[3].replace("COVERING ", "") for row in rows]
        return found

    hinted, found = dict(_hinted()), await store.read(plans)
    for name, plan in found.items():
        for table, index in TOLD.findall(hinted[name].sql):
            assert any(f" {table} USING INDEX {index}" in step for step in plan), (name, plan)
    assert len(found) == _written() > 0, sorted(found)  # SQLAlchemy's own compiler drops them
