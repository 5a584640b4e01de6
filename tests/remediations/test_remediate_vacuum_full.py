"""VACUUM FULL: the disk is given back on a real PostgreSQL, and nobody is queued behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from bot.core.job import Job, Stop, Stopped
from bot.core.model import Facts
from bot.core.runbook import ActionFailed, Guard, Refused
from bot.core.values import number
from bot.edges.shop import postgres_full
from bot.edges.shop.maintenance import SqliteMaintenance
from bot.edges.shop.postgres_maintenance import PostgresMaintenance
from bot.edges.templates import Templates, plain
from bot.remediations.remediate_vacuum_full import remediation
from tests.edges.shop.helpers import build, words
from tests.remediations.fakes import JOB, MOMENT, NOW, FakeMaintenance, tools

numbers = count()
BLOATED = """
    CREATE TABLE sales (id serial PRIMARY KEY, note text);
    CREATE TABLE stock (id int PRIMARY KEY);
    CREATE SCHEMA "Old "" one";
    CREATE TABLE "Old "" one"."The Table" (id int);
    INSERT INTO sales (note) SELECT repeat('x', 500) FROM generate_series(1, 20000);
    INSERT INTO stock SELECT generate_series(1, 1000);
    INSERT INTO "Old "" one"."The Table" VALUES (1);
    DELETE FROM sales WHERE id > 100;
"""


UNDER_WAY: LiteralString = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'VACUUM (FULL%' AND state = 'active'
"""


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    name = f"full{next(numbers)}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(f"{postgres}/{name}") as database:
            database.execute(BLOATED.encode())
        yield f"{postgres}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_full, "LOCK_SECONDS", 0.2)


@dataclass
class Watched:
    """A job whose progress is kept, and acted on."""

    told: list[Facts] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)

    @property
    def job(self) -> Job:
        return replace(JOB, progress=self.keep, stop=self.stop)

    async def keep(self, facts: Facts) -> None:
        self.told.append(facts)


@contextlib.asynccontextmanager
async def in_use(url: str, table: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody reads the table and has not finished yet."""
    async with await psycopg.AsyncConnection.connect(url) as reader:
        await reader.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        yield reader


async def full(url: str, watched: Watched | None = None) -> Facts:
    here = tools(maintenance=PostgresMaintenance(url))
    return await remediation().act(here, (watched or Watched()).job)


def said(template: str, **facts: Facts) -> str:
    return plain(Templates(zone=MOMENT.zone, clock=lambda: NOW).render(template, **facts))


def test_it_takes_two_admins_and_can_be_stopped() -> None:
    action = remediation()
    assert (action.guard, action.role, action.cancellable) == (Guard.TWO_PEOPLE, "admin", True)
    assert action.lock({}) == "shop database"


async def test_the_space_goes_back_to_the_disk_and_no_row_is_lost(url: str) -> None:
    here = tools(maintenance=PostgresMaintenance(url))
    before = await remediation().preflight(here, JOB)
    assert not isinstance(before, Refused)
    assert (before["tables"], before["largest"]) == (3, "sales")
    watched = Watched()
    after = await full(url, watched)
    sizes = (after["before_bytes"], after["after_bytes"])
    assert (number(sizes[0]) or 0) - (number(sizes[1]) or 0) > 5_000_000
    assert (after["tables"], after["busy"]) == (3, [])
    assert [(one["done"], one["total"]) for one in watched.told] == [(0, 3), (1, 3), (2, 3)]
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT count(*), sum(id) FROM sales").fetchone()
    assert row == (100, 5050)
    question = said("remediations/ask_vacuum_full.html.j2", before=before)
    assert "nobody can read or write it" in question
    assert "3 tables written anew." in said("remediations/vacuum_full.html.j2", after=after)


async def test_a_table_in_use_is_left_out_and_nobody_waits_behind_it_for_long(url: str) -> None:
    async with in_use(url, "sales"):
        after = await full(url)
        async with await psycopg.AsyncConnection.connect(url) as other:  # not queued: none waits
            await asyncio.wait_for(other.execute("SELECT count(*) FROM sales"), 5)
    assert (after["tables"], after["busy"]) == (2, ["sales"])
    assert "In use, and as before: sales." in said("remediations/vacuum_full.html.j2", after=after)


async def test_where_every_table_is_in_use_nothing_was_done(url: str) -> None:
    with psycopg.connect(url) as owner:
        owner.execute('DROP TABLE stock, "Old "" one"."The Table"')
    async with in_use(url, "sales"):
        with pytest.raises(ActionFailed) as failed:
            await full(url)
    assert "Nothing was changed" in words(failed.value)


async def test_a_stop_breaks_off_the_table_under_way_and_leaves_it_whole(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_full, "LOCK_SECONDS", 60.0)
    watched = Watched()

    async def stop_it() -> None:
        await waiting_for_a_lock(url)
        watched.stop.ask()

    async with in_use(url, "sales"), asyncio.timeout(10):  # so that it is under way until then
        with pytest.raises(Stopped) as stopped:
            await asyncio.gather(full(url, watched), stop_it())
    assert (stopped.value.done["tables"], len(watched.told)) == (0, 1)
    with psycopg.connect(url) as owner:
        assert owner.execute("SELECT count(*) FROM sales").fetchone() == (100,)
        assert owner.execute(UNDER_WAY).fetchone() == (0,)
    text = said("remediations/stopped_vacuum_full.html.j2", after=stopped.value.done)
    assert "0 tables written anew" in text


async def test_a_run_out_of_time_leaves_no_statement_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_full, "LOCK_SECONDS", 60.0)
    async with in_use(url, "sales"), asyncio.timeout(10):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await full(url)
    with psycopg.connect(url) as owner:
        assert owner.execute(UNDER_WAY).fetchone() == (0,)


async def test_a_role_that_owns_nothing_is_told_so(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE guest{next(numbers)} LOGIN".encode())
        (name,) = owner.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'guest%' ORDER BY oid DESC LIMIT 1"
        ).fetchone() or ("",)
    guest = url.replace("shop@", f"{name}@")
    with pytest.raises(ActionFailed) as failed:
        await remediation().preflight(tools(maintenance=PostgresMaintenance(guest)), JOB)
    assert "owns no table" in words(failed.value)


NEEDS: Facts = {
    "total_bytes": 6_000_000_000,
    "tables": 12,
    "largest": "sales",
    "largest_bytes": 5_000_000_000,
    "disk_free_bytes": 5_000_000_000,
    "lock_seconds": 3.0,
}


@pytest.mark.parametrize(
    ("free", "refused"), [(5_000_000_000, False), (4_999_999_999, True), (None, False)]
)
async def test_the_copy_must_have_room_where_it_is_known(
    free: int | None, *, refused: bool
) -> None:
    needs = {**NEEDS, "disk_free_bytes": free}
    answer = await remediation().preflight(tools(maintenance=FakeMaintenance(needs)), JOB)
    assert isinstance(answer, Refused) == refused
    if not isinstance(answer, Refused):
        text = said("remediations/ask_vacuum_full.html.j2", before=answer)
        assert ("cannot be seen from here" in text) == (free is None)


def test_a_disk_is_known_only_where_the_server_is_this_machine(tmp_path: Path) -> None:
    free = postgres_full._free  # noqa: SLF001  # what decides it
    assert free(str(tmp_path), "127.0.0.1") == pytest.approx(free(str(tmp_path), None), rel=0.1)
    assert free(str(tmp_path), "10.0.0.5") is None
    assert free(str(tmp_path / "gone"), "127.0.0.1") is None
    assert free(None, None) is None


async def test_sqlite_needs_none(tmp_path: Path) -> None:
    maintenance = SqliteMaintenance(build(tmp_path / "shop.db"))
    for asked in (maintenance.full_needs(), maintenance.full(JOB)):
        with pytest.raises(ActionFailed) as failed:
            await asked
        assert "use Run VACUUM" in words(failed.value)
    await maintenance.close()


async def waiting_for_a_lock(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as watcher:
        for _ in range(500):
            found = await watcher.execute(UNDER_WAY + " AND wait_event_type = 'Lock'")
            if await found.fetchone() == (1,):
                return
            await asyncio.sleep(0.01)
    raise AssertionError("it waits for no lock")
