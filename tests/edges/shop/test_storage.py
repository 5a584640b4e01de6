import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.machine import Storage
from bot.core.model import Unreadable
from bot.edges.clock import utc_now
from bot.edges.shop import open_shop, sqlite_storage
from bot.edges.templates import Templates

HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM daily_sales").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def templates() -> Templates:
    return Templates(zone=ZoneInfo("UTC"), clock=utc_now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sovani_bot.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            PRAGMA journal_mode = wal;
            CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, d TEXT, note TEXT);
            CREATE INDEX ix_daily_sales_d ON daily_sales (d);
            CREATE TABLE sku (id INTEGER PRIMARY KEY);
        """)
        rows = [(f"2026-11-{n % 28 + 1:02}", "x" * 100) for n in range(2000)]
        connection.executemany("INSERT INTO daily_sales (d, note) VALUES (?, ?)", rows)
        connection.commit()
    return path


async def stored(path: Path, templates: Templates) -> Storage:
    shop = open_shop(f"sqlite:///{path}", sql=templates.sql)
    try:
        return await shop.storage()
    finally:
        await shop.close()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_files_tables_and_who_holds_them(path: Path, templates: Templates) -> None:
    path.with_name("sovani_bot-before.db.bak").write_bytes(b"x" * 1000)
    path.with_name("unrelated.db").write_bytes(b"x")
    command = [sys.executable, "-c", HOLDS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # noqa: ASYNC220  # it waits for us
        assert holder.stdout is not None
        holder.stdout.readline()
        found = await stored(path, templates)
        holder.kill()
    assert found.dialect == "sqlite"
    assert [file.name for file in found.files] == [
        "sovani_bot.db",
        "sovani_bot.db-wal",
        "sovani_bot.db-shm",
    ]
    assert [(file.name, file.bytes) for file in found.backups] == [
        ("sovani_bot-before.db.bak", 1000)
    ]
    assert [one for one in found.holders if str(holder.pid) in one]
    assert f"({os.getpid()})" not in str(found.holders)
    assert found.journal_mode == "wal"
    assert found.tables is not None
    sales = found.tables[0]
    assert sales.name == "daily_sales"
    assert 0 < sales.indexes_bytes < sales.bytes
    assert sum(table.bytes for table in found.tables) <= found.files[0].bytes
    assert "sku" in {table.name for table in found.tables}


IN_TIME = 3.0  # seconds; a busy machine needs a part of one


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages enough to keep the walk through them busy for a while, though few bytes."""
    path = tmp_path_factory.mktemp("large") / "sovani_bot.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            PRAGMA page_size = 512;
            PRAGMA journal_mode = wal;
            CREATE TABLE daily_sales (note TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
            INSERT INTO daily_sales SELECT hex(zeroblob(200)) FROM n;
        """)
    return path


async def test_a_file_that_takes_too_long_is_given_up_in_time(
    large: Path, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    whole = await stored(large, templates)
    took = time.monotonic() - began
    assert whole.tables is not None
    assert whole.tables[0].bytes > 50_000_000
    limit = took / 50
    monkeypatch.setattr(sqlite_storage, "PATIENCE", {"wal": limit})
    began = time.monotonic()
    found = await stored(large, templates)
    assert found.tables is None
    assert time.monotonic() - began < limit + IN_TIME
    assert [file.name for file in found.files] == [file.name for file in whole.files]


async def test_in_a_rollback_journal_it_is_given_up_sooner(
    path: Path, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the shop's writers wait for it."""
    monkeypatch.setattr(sqlite_storage, "SHORT_PATIENCE", -1.0)
    monkeypatch.setattr("bot.edges.shop.guard.STEPS_BETWEEN_LOOKS", 1)
    assert (await stored(path, templates)).tables is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    assert (await stored(path, templates)).tables is None


async def test_nothing_is_written(path: Path, templates: Templates) -> None:
    before = digest(path)
    await stored(path, templates)
    assert digest(path) == before


async def test_a_missing_file_is_unreadable(tmp_path: Path, templates: Templates) -> None:
    with pytest.raises(Unreadable) as caught:
        await stored(tmp_path / "none.db", templates)
    assert caught.value.why.key == "shop_file_missing"
    assert not (tmp_path / "none.db").exists()
