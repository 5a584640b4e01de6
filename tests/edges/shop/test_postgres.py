"""Asking, and vacuuming, a real PostgreSQL server."""

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from itertools import count
from zoneinfo import ZoneInfo

import psycopg
import pytest

from bot.core.job import Stop
from bot.core.model import Source, Unreadable
from bot.core.runbook import ActionFailed
from bot.edges.clock import utc_now
from bot.edges.shop import open_maintenance, open_shop
from bot.edges.shop.limits import Limits
from bot.edges.shop.no_driver import NoDriver
from bot.edges.shop.postgres import PostgresShop
from bot.edges.shop.postgres_maintenance import PostgresMaintenance
from bot.edges.templates import Templates
from tests.edges.shop.helpers import as_named, words

SHOP = """
    CREATE TABLE daily_sales (
        id serial PRIMARY KEY, d date, qty integer, revenue_gross numeric, at timestamptz
    );
    CREATE VIEW vw_sales AS SELECT d, sum(qty) AS qty FROM daily_sales GROUP BY d;
    INSERT INTO daily_sales (d, qty, revenue_gross, at)
    VALUES ('2026-11-20', 2, 200.5, '2026-11-20 03:00+03'),
           ('2026-11-21', 3, 'NaN', NULL), ('2026-11-22', 5, 500, NULL);
"""
NEEDS = {"daily_sales": ["d", "qty"], "vw_sales": ["qty"]}
numbers = count()


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    """Give every test a database of its own."""
    name = f"shop{next(numbers)}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(f"{postgres}/{name}") as database:
            database.execute(SHOP.encode())
        yield f"{postgres}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def shop_at(url: str, **limits: float) -> PostgresShop:
    return PostgresShop(url, sql=as_named, limits=Limits(**limits))  # type: ignore[arg-type]  # max_rows


async def refused(shop: PostgresShop, statement: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await shop.rows(statement)
    return caught.value


async def test_rows_are_as_sqlite_would_answer_them(url: str) -> None:
    shop = open_shop(url.replace("postgresql:", "postgresql+psycopg:"), sql=as_named)
    rows = await shop.rows(
        "SELECT d, qty, revenue_gross, at FROM daily_sales WHERE d < :last ORDER BY d",
        last="2026-11-22",
    )
    assert rows == [
        {"d": "2026-11-20", "qty": 2, "revenue_gross": 200.5, "at": "2026-11-20 00:00:00"},
        {"d": "2026-11-21", "qty": 3, "revenue_gross": None, "at": None},
    ]
    await shop.close()


async def test_text_dates_and_numbers_are_bound_as_values(url: str) -> None:
    rows = await shop_at(url).rows(
        "SELECT count(*) AS n, :text AS text FROM daily_sales "
        "WHERE d >= :d AND d < CAST(:d AS date) + 7 AND qty > :least AND '12:30' LIKE '%:%'",
        text="'; DROP TABLE daily_sales; --",
        d="2026-11-21",
        least=1.5,
    )
    assert rows == [{"n": 2, "text": "'; DROP TABLE daily_sales; --"}]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM daily_sales",
        "SELECT setval('daily_sales_id_seq', 1)",
        "WITH gone AS (DELETE FROM daily_sales RETURNING 1) SELECT * FROM gone",
        "SELECT 1; COMMIT; DELETE FROM daily_sales",
    ],
)
async def test_whatever_is_no_question_is_refused(url: str, statement: str) -> None:
    shop = shop_at(url)
    assert (await refused(shop, statement)).why.key == "shop_query_refused"
    assert await shop.rows("SELECT count(*) AS n FROM daily_sales") == [{"n": 3}]


async def test_too_many_rows_are_not_read(url: str) -> None:
    shop = shop_at(url, max_rows=2)
    assert "more than 2 rows" in words(await refused(shop, "SELECT * FROM daily_sales"))
    started = time.monotonic()
    await refused(shop, "SELECT generate_series(1, 1000000000) AS n")
    assert time.monotonic() - started < 2


async def test_a_slow_statement_is_stopped_by_the_server(url: str) -> None:
    error = await refused(shop_at(url, statement_seconds=0.1), "SELECT 1 FROM pg_sleep(60)")
    assert error.why.key == "shop_too_slow"
    assert error.source is Source.CHECK


async def test_a_cancelled_question_is_cancelled_on_the_server(url: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await shop_at(url, statement_seconds=60).rows("SELECT 1 FROM pg_sleep(60)")
    sleeping = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%sleep(60)'"
    assert await shop_at(url).rows(sleeping) == [{"n": 0}]


async def test_a_locked_table_says_so_within_two_seconds(url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE daily_sales IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        error = await refused(shop_at(url), "SELECT * FROM daily_sales")
        assert time.monotonic() - started < 2
    assert "is locked by another program" in words(error)
    assert error.source is Source.SHOP_DATABASE


async def test_what_is_missing_is_named(url: str) -> None:
    shop = shop_at(url)
    assert "lacks job_runs" in words(await refused(shop, "SELECT * FROM job_runs"))
    error = await refused(shop, "SELECT s.balance FROM daily_sales s")
    assert "column s.balance" in words(error)
    assert "column balance" in words(await refused(shop, "SELECT balance FROM daily_sales"))


async def test_a_role_without_rights_is_told_what_to_grant(url: str) -> None:
    with psycopg.connect(url) as owner:
        owner.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
    error = await refused(shop_at(url.replace("shop@", "guest@")), "SELECT * FROM daily_sales")
    assert "daily_sales. Grant it SELECT" in words(error)


async def test_needs_are_compared_with_tables_and_views(url: str) -> None:
    await shop_at(url).require(NEEDS)
    with pytest.raises(Unreadable) as caught:
        await shop_at(url).require({**NEEDS, "daily_sales": ["d", "x"], "job_runs": ["id"]})
    assert "lacks daily_sales.x, job_runs." in words(caught.value)
    with psycopg.connect(url) as owner:
        owner.execute("ALTER TABLE daily_sales ADD COLUMN org_id integer")
    with pytest.raises(Unreadable) as caught:
        await shop_at(url).require(NEEDS)
    assert "daily_sales has a column org_id" in words(caught.value)


async def test_the_size_is_the_database_s_and_the_disk_unknown(url: str) -> None:
    size = await shop_at(url).size()
    assert url.endswith(size.name)
    assert size.total == size.main_bytes > 1_000_000
    assert size.free_bytes is size.disk_free_bytes is size.disk_total_bytes is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("postgresql://u:hush@127.0.0.1:1/shop", "127.0.0.1/shop cannot be reached"),
        ("postgresql://u:hush@[bad/shop", "cannot be reached"),
        ("postgresql://u:hush@127.0.0.1:port/shop", "cannot be reached"),
    ],
)
async def test_a_server_that_is_not_there_is_told_without_the_password(
    wrong: str, told: str
) -> None:
    error = await refused(shop_at(wrong), "SELECT 1")
    assert told in words(error)
    assert "hush" not in words(error)
    assert error.source is Source.SHOP_DATABASE


async def test_a_database_that_is_not_there_is_named(url: str) -> None:
    error = await refused(shop_at(f"{url}x"), "SELECT 1")
    assert "does not exist" in words(error)


async def test_a_server_that_accepts_and_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.edges.shop.postgres.CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = await refused(shop_at(f"postgresql://u@127.0.0.1:{port}/shop"), "SELECT 1")
    assert error.why.values["detail"] == "timeout"


async def test_vacuum_makes_dead_rows_space_usable(url: str) -> None:
    maintenance = PostgresMaintenance(url)
    with psycopg.connect(url) as owner:
        owner.execute("INSERT INTO daily_sales (qty) SELECT generate_series(1, 20000)")
        owner.execute("DELETE FROM daily_sales WHERE id > 10")
    needs = await maintenance.vacuum_needs()
    assert (needs["busy"], needs["needs_disk_bytes"], needs["disk_free_bytes"]) == (False, 0, None)
    facts = await maintenance.vacuum(Stop())
    assert facts["space_returned"] is True
    assert (await maintenance.probe())["free_bytes"] == 0
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT sum(vacuum_count) FROM pg_stat_user_tables").fetchone()
    assert row == (1,)
    await maintenance.close()


async def test_a_vacuum_without_a_server_fails_in_words() -> None:
    with pytest.raises(ActionFailed) as caught:
        await PostgresMaintenance("postgresql://u:hush@127.0.0.1:1/shop").vacuum(Stop())
    assert "cannot be reached" in words(caught.value)


async def test_without_the_driver_every_question_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("postgres", "postgres_maintenance"):
        monkeypatch.setitem(sys.modules, f"bot.edges.shop.{module}", None)
    url = "postgresql://h/d"
    shop, maintenance = open_shop(url, sql=as_named), open_maintenance(url)
    assert isinstance(shop, NoDriver)
    for question in (shop.rows("SELECT 1"), shop.require({}), shop.size()):
        with pytest.raises(Unreadable) as unreadable:
            await question
        assert "pip install" in words(unreadable.value)
    for action in (maintenance.vacuum(Stop()), maintenance.vacuum_needs()):
        with pytest.raises(ActionFailed) as failed:
            await action
        assert "pip install" in words(failed.value)


async def test_tables_and_sessions_of_the_server(url: str) -> None:
    templates = Templates(zone=ZoneInfo("UTC"), clock=utc_now)
    shop = PostgresShop(url, sql=templates.sql, limits=Limits())
    found = await shop.storage()
    assert found.dialect == "postgresql"
    assert found.tables is not None
    (sales,) = found.tables
    assert (sales.name, sales.bytes > sales.indexes_bytes > 0) == ("daily_sales", True)
    assert found.connections is not None
    assert ("active", 1) in found.connections.states  # the one that asks
    assert found.connections.most == 97  # of a hundred, three are kept for superusers
    assert found.connections.most > found.connections.open > 0


async def test_sessions_of_others_count_for_a_role_that_may_only_read(url: str) -> None:
    templates = Templates(zone=ZoneInfo("UTC"), clock=utc_now)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS reader")
        server.execute("CREATE ROLE reader LOGIN")
    reader = url.replace("shop@", "reader@")
    shop = PostgresShop(reader, sql=templates.sql, limits=Limits())
    before = await shop.connections()
    held = [psycopg.connect(url, application_name="sovani-web") for _ in range(5)]
    try:
        found = await shop.connections()
    finally:
        for one in held:
            one.close()
    assert found.open == before.open + 5
    assert dict(found.programs)["sovani-web"] == 5
    assert dict(found.states)["hidden"] >= 5


async def test_a_server_that_takes_no_more_says_so(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS narrow")
        server.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    narrow = url.replace("shop@", "narrow@")
    held = psycopg.connect(narrow)
    try:
        with pytest.raises(Unreadable) as caught:
            await shop_at(narrow).rows("SELECT 1 AS one")
    finally:
        held.close()
    assert (caught.value.source, caught.value.why.key) == (
        Source.SHOP_DATABASE,
        "shop_no_more_connections",
    )
