"""What was done in an incident is found by its time: no table is read from its beginning."""

import sqlite3

from bot.core import deeds
from bot.core.model import Severity, fires
from bot.edges.store import SqlStore
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON


async def test_no_history_is_read_but_the_incidents(store: SqlStore) -> None:
    def plans(tx: SqlTx) -> list[str]:
        alert = tx.alerts.add("check_db_growth", fires("shop database", Severity.ERROR), NOON)
        driver = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        asked: list[str] = []
        driver.set_trace_callback(asked.append)
        deeds.of(tx, alert, 5)
        driver.set_trace_callback(None)
        assert len(asked) == 5
        return [row[3] for one in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")]

    found = await store.write(plans)
    assert [one for one in found if one.startswith("SCAN")] == []
    assert any("runs_started" in one for one in found)
    assert any("ix_audit_at" in one for one in found)
