"""The tables are what the migrations make of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from bot.core.model import Severity, fires, ok
from bot.edges.store import SqlStore
from bot.edges.store.backup import FOLDER, known_revisions
from bot.edges.store.migrate import NewerDatabaseError, UpgradeError
from bot.edges.store.schema import metadata


def shape(path: Path) -> tuple[list[object], dict[str, str], dict[str, list[str]]]:
    """Differences to the tables as the program knows them; indexes; columns by table."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = list(compare_metadata(MigrationContext.configure(connection), metadata))
        found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
        columns = {
            name: sorted(
                str(row[1:4]) for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")
            )
            for kind, name, _ in found
            if kind == "table"
        }
    engine.dispose()
    indexes = {
        name: " ".join(sql.replace('"', "").split())
        for kind, name, sql in found
        if kind == "index" and sql
    }
    return differences, indexes, columns


async def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    fresh, upgraded = tmp_path / "fresh.db", tmp_path / "upgraded.db"
    at_first_release(upgraded)
    for path in (fresh, upgraded):
        await (await SqlStore.open(path)).close()
    assert shape(upgraded)[0] == []
    assert shape(fresh) == shape(upgraded)


def test_a_migration_is_called_by_its_revision() -> None:
    """A start looks at the names only."""
    script = ScriptDirectory(str(FOLDER))
    assert known_revisions() == {one.revision for one in script.walk_revisions()}
    assert max(known_revisions()) == script.get_current_head()


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await (await SqlStore.open(path)).close()
    await (await SqlStore.open(path)).close()


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await (await SqlStore.open(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(NewerDatabaseError, match="9999"):
        await SqlStore.open(path)


OLD = Path(__file__).parents[3] / "bot/edges/store/migrations/versions"


def at_first_release(path: Path) -> None:
    """A state database as release 0.1.0 left it, with an alert and its card."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(OLD.parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(ALERT))
        connection.execute(text(POST))
    engine.dispose()


def copies_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.glob("state.db.before-*"))


ALERT = """
INSERT INTO alerts (id, "check", subject, severity, state, facts, proof, opened_at, told_at,
    version, times)
VALUES (7, 'check_db_growth', 'shop', 'warning', 'firing', '{}', '{}', '2026-01-01 00:00:00',
    '2026-01-01 00:00:00', 1, 1)
"""
CHECK = """
INSERT INTO checks (name, status, since, round_at, unknown_rounds, idle, source, readings)
VALUES ('check_x', 'firing', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0, 0, 'check',
    '[{"subject": "OZON", "status": "firing", "severity": "warning", "facts": {"n": 3},
       "why": null, "idle": false},
      {"subject": "WB", "status": "ok", "severity": "info", "facts": {}, "why": null,
       "idle": false}]')
"""
POST = """
INSERT INTO posts (id, kind, chat_id, alert_id, state, wanted, shown, attempts, repeats, plain,
    silent, rank, context, created_at)
VALUES (9, 'card', -100, 7, 'shown', 1, 1, 0, 0, 0, 0, 1, '{}', '2026-01-01 00:00:00')
"""


async def test_an_upgrade_keeps_what_was_there_and_a_copy_of_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    at_first_release(path)
    store = await SqlStore.open(path)
    alert, post = await store.read(lambda tx: (tx.alerts.get(7), tx.posts.get(9)))
    await store.close()
    assert alert is not None
    assert post is not None
    copies = copies_in(tmp_path)
    head_is_first = ScriptDirectory(str(OLD.parent)).get_current_head() == "0001"
    assert copies == ([] if head_is_first else ["state.db.before-upgrade-from-0001"])


async def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    at_first_release(path)

    def half(_config: Config, _revision: str) -> None:
        connection = _config.attributes["connection"]
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        connection.execute(text("DELETE FROM alerts"))
        raise OSError("disk full")

    monkeypatch.setattr("alembic.command.upgrade", half)
    monkeypatch.setattr("bot.edges.store.migrate.known_revisions", lambda: {"0001", "later"})
    with pytest.raises(OSError, match="disk full"):
        await SqlStore.open(path)
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert "half" not in tables
        assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (1,)


async def test_an_upgrade_that_would_break_references_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    at_first_release(path)

    def careless(config: Config, _revision: str) -> None:
        config.attributes["connection"].execute(text("DELETE FROM alerts"))

    monkeypatch.setattr("alembic.command.upgrade", careless)
    monkeypatch.setattr("bot.edges.store.migrate.known_revisions", lambda: {"0001", "later"})
    with pytest.raises(UpgradeError, match="posts"):
        await SqlStore.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (1,)


async def test_what_checks_saw_survives_the_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    at_first_release(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(CHECK)
    store = await SqlStore.open(path)
    state = await store.read(lambda tx: tx.checks.get("check_x"))
    await store.close()
    assert state is not None
    assert state.readings == (fires("OZON", Severity.WARNING, n=3), ok("WB"))
