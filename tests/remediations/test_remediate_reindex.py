"""REINDEX, ANALYZE and the checkpoint on a real file: done, timed, no data changed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.edges.shop import open_maintenance, open_shop
from bot.edges.shop.maintenance import SqliteMaintenance
from bot.edges.templates import Templates, plain
from bot.remediations import load
from tests.remediations.fakes import JOB, NOW, tools

SCHEMA = """
PRAGMA journal_mode=WAL;
CREATE TABLE sku (id INTEGER PRIMARY KEY, marketplace TEXT);
CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, d DATE, sku_id INTEGER);
CREATE INDEX sales_d ON daily_sales (d);
INSERT INTO sku VALUES (1, 'WB');
INSERT INTO daily_sales VALUES (1, '2026-11-20', 1), (2, '2026-11-21', 1);
"""
STARTED = f"{NOW - timedelta(minutes=5):%Y-%m-%d %H:%M:%S}"
JOB_RUNS = "CREATE TABLE job_runs (id, job_name, started_at, finished_at, status)"
WORKS = ("reindex", "analyze", "checkpoint")


@dataclass
class Bench:
    path: Path
    tools: ActionTools
    words: Templates


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    words = Templates(zone=ZoneInfo("UTC"), clock=lambda: NOW)
    shop = open_shop(f"sqlite:///{path}", sql=words.sql)
    maintenance = open_maintenance(f"sqlite:///{path}")
    yield Bench(path, tools(shop=shop, maintenance=maintenance), words)
    await shop.close()
    await maintenance.close()


def action(work: str) -> Remediation:
    return load()[f"remediate_{work}"]


@pytest.mark.parametrize("work", WORKS)
async def test_it_is_done_and_the_message_says_so(bench: Bench, work: str) -> None:
    made = action(work)
    before = await made.preflight(bench.tools, JOB)
    assert not isinstance(before, Refused)
    job = replace(JOB, before=before)
    after = await made.act(bench.tools, job)
    assert made.verify is not None
    after = {**after, **await made.verify(bench.tools, job, after)}
    text = bench.words.render(f"remediations/{work}.html.j2", before=before, after=after)
    if work != "checkpoint":
        table = bench.words.render(f"remediations/more_{work}.html.j2", before=before, after=after)
        assert len(table.splitlines()) == 3  # no view of outliers here
        text += table
    assert "None" not in plain(text)
    with closing(sqlite3.connect(bench.path)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM daily_sales").fetchone() == (2,)


async def test_analyze_leaves_statistics(bench: Bench) -> None:
    await action("analyze").act(bench.tools, JOB)
    with closing(sqlite3.connect(bench.path)) as connection:
        assert connection.execute("SELECT COUNT(*) > 0 FROM sqlite_stat1").fetchone() == (1,)


@pytest.mark.parametrize("work", WORKS)
async def test_while_somebody_writes_it_refuses(bench: Bench, work: str) -> None:
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        found = await action(work).preflight(bench.tools, JOB)
        writer.execute("ROLLBACK")
    assert isinstance(found, Refused)
    assert found.why.key == "vacuum_busy"


async def test_a_log_that_a_reader_needs_is_no_success(bench: Bench) -> None:
    impatient = SqliteMaintenance(bench.path, checkpoint_seconds=0.1)
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM daily_sales").fetchone()
        with closing(sqlite3.connect(bench.path)) as writer:
            writer.execute("INSERT INTO daily_sales VALUES (3, '2026-11-22', 1)")
            writer.commit()
        with pytest.raises(ActionFailed, match="tidy_readers"):
            await impatient.tidy("checkpoint", JOB.stop)
    await impatient.close()


@pytest.mark.parametrize(("work", "waits"), [("reindex", True), ("analyze", False)])
async def test_reindex_goes_round_the_scheduler_s_jobs(
    bench: Bench, work: str, *, waits: bool
) -> None:
    with closing(sqlite3.connect(bench.path)) as connection, connection:
        connection.execute(JOB_RUNS)
        connection.execute(
            "INSERT INTO job_runs VALUES (1, 'recalc', ?, NULL, 'running')", [STARTED]
        )
    found = await action(work).preflight(bench.tools, JOB)
    assert isinstance(found, Refused) == waits
    if isinstance(found, Refused):
        assert found.why.key == "job_at_work"


@pytest.mark.parametrize("work", WORKS)
def test_all_share_the_lock_of_vacuum(work: str) -> None:
    assert action(work).lock({}) == load()["remediate_vacuum_db"].lock({})
