"""The tables are what the migrations make of them."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from bot.edges.store import SqlStore
from bot.edges.store.migrate import NewerDatabaseError
from bot.edges.store.schema import metadata


async def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await (await SqlStore.open(path)).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


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
