"""Work on a PostgreSQL server that somebody stops: the statement ends there too."""

import asyncio
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from psycopg.rows import TupleRow

from bot.core.job import Stop, Stopped
from bot.core.model import Facts
from bot.edges.shop import postgres_maintenance
from bot.edges.shop.postgres_maintenance import PostgresMaintenance

numbers = count()
INVALID = b"""
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid
"""


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    """Give every test a database of its own."""
    name = f"stopping{next(numbers)}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(f"{postgres}/{name}") as database:
            database.execute(b"CREATE TABLE daily_sales (id serial PRIMARY KEY, qty integer)")
        yield f"{postgres}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def blocking(url: str, *statements: bytes) -> Iterator[psycopg.Connection[TupleRow]]:
    """Another session in the middle of a transaction."""
    with psycopg.connect(url) as other:
        for statement in statements:
            other.execute(statement)
        yield other
        other.rollback()


async def waits_for_a_lock(url: str, word: str) -> None:
    with psycopg.connect(url, autocommit=True) as looking:
        found, until = None, time.monotonic() + 30
        while not found:
            assert time.monotonic() < until
            await asyncio.sleep(0.01)
            found = looking.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE %s",
                [f"{word}%"],
            ).fetchone()


async def stopped(work: Awaitable[Facts]) -> Facts:
    with pytest.raises(Stopped) as caught:
        await work
    return caught.value.done


@pytest.mark.parametrize("work", ["vacuum", "analyze"])
async def test_a_statement_on_the_server_can_be_stopped(url: str, work: str) -> None:
    maintenance, stop = PostgresMaintenance(url), Stop()
    begun = maintenance.vacuum(stop) if work == "vacuum" else maintenance.tidy(work, stop)
    with blocking(url, b"LOCK TABLE daily_sales IN SHARE UPDATE EXCLUSIVE MODE"):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(stopped(begun))
            await waits_for_a_lock(url, work.upper())
            stop.ask()
    assert task.result()["partly"] is True
    assert (await maintenance.tidy("analyze", Stop()))["log_after_bytes"] == 0


async def test_one_that_is_stopped_before_it_began_is_stopped_too(url: str) -> None:
    stop = Stop()
    stop.ask()
    with blocking(url, b"LOCK TABLE daily_sales IN SHARE UPDATE EXCLUSIVE MODE"):
        assert (await stopped(PostgresMaintenance(url).vacuum(stop)))["partly"] is True


async def test_a_reindex_that_is_stopped_leaves_no_half_built_index(url: str) -> None:
    stop = Stop()
    work = PostgresMaintenance(url).tidy("reindex", stop)
    with blocking(url, b"INSERT INTO daily_sales (qty) VALUES (1)") as writer:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(stopped(work))
            await waits_for_a_lock(url, "REINDEX")
            stop.ask()
            await waits_for_a_lock(url, "DROP INDEX")
            writer.rollback()
    assert task.result() == {"partly": True, "left": []}
    with psycopg.connect(url) as owner:
        assert owner.execute(INVALID).fetchall() == []


async def test_an_index_that_cannot_be_dropped_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_maintenance, "_LOCK_LIMIT", "SET lock_timeout = '50ms'")
    stop = Stop()
    work = PostgresMaintenance(url).tidy("reindex", stop)
    with blocking(url, b"INSERT INTO daily_sales (qty) VALUES (1)"):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(stopped(work))
            await waits_for_a_lock(url, "REINDEX")
            stop.ask()
    with psycopg.connect(url) as owner:
        names = [row[0] for row in owner.execute(INVALID).fetchall()]
    assert names
    assert task.result() == {"partly": True, "left": names}
