"""Stop on a VACUUM of a real file, from the tap to the message."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.model import Phrase
from bot.core.records import Run, RunState
from bot.core.verbs import Verb
from bot.edges.shop import threads, vacuum
from tests.edges.shop.helpers import until
from tests.snapshots.stage import KOSTYA, OLGA, Stage
from tests.snapshots.works import Works, works

LARGE = """
    CREATE TABLE kept (x); CREATE TABLE dropped (x);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO kept SELECT hex(randomblob(1000)) FROM n;
    INSERT INTO dropped SELECT x FROM kept;
    DROP TABLE dropped;
"""


def enlarge(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(LARGE)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.read_bytes()


def locked(file: Path) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


def intact(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


async def run_of(at: Works, run: Run) -> Run:
    found = await at.stage.store.read(lambda tx: tx.runs.get(run.id))
    assert found is not None
    return found


async def stopped_when(at: Works, run: Run, begun: Callable[[], bool]) -> Run:
    """Confirm it, tap Stop when it has come so far, and wait for its end."""
    said = await at.desk.decide(KOSTYA, Verb.CONFIRM, run.id)
    assert isinstance(said, Phrase)
    async with asyncio.TaskGroup() as group:
        (wanted,) = await at.runner.pending()
        group.create_task(at.runner.handle(wanted))
        await until(begun)
        await at.desk.decide(OLGA, Verb.STOP, run.id)
        await at.runner.pending()
    return await run_of(at, run)


async def test_in_time_nothing_has_changed(stage: Stage, tmp_path: Path) -> None:
    async with works(stage, tmp_path) as at:
        file = tmp_path / "shop.db"
        before = enlarge(file)
        run = await at.wish("remediate_vacuum_db", {}, None, None)
        assert run.state is RunState.PROPOSED, run.why
        run = await stopped_when(at, run, lambda: locked(file))
        assert (run.state, run.stop_by, run.after) == (
            RunState.CANCELLED,
            OLGA.name,
            {"partly": False},
        )
        assert file.read_bytes() == before
        assert intact(file)


async def test_too_late_it_completes(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked when the copy is back in the file: that is not undone, and the log is cut."""
    real, copied = vacuum.checkpoint, threading.Event()

    def afterwards(connection: sqlite3.Connection, stop: threads.Stop, *, seconds: float) -> bool:
        copied.set()
        assert any(stop.wait(0.01) for _ in range(3000))
        return real(connection, stop, seconds=seconds)

    async with works(stage, tmp_path) as at:
        file = tmp_path / "shop.db"
        before = len(enlarge(file))
        run = await at.wish("remediate_vacuum_db", {}, None, None)
        monkeypatch.setattr(vacuum, "checkpoint", afterwards)
        run = await stopped_when(at, run, copied.is_set)
        assert (run.state, run.stop_by) == (RunState.SUCCEEDED, OLGA.name)
        assert file.stat().st_size < before * 0.6
        assert intact(file)
