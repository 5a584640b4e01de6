"""Asking a shop's SQLite file."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.model import Source, Unreadable
from bot.edges.shop.limits import Limits
from tests.edges.shop.helpers import SHOP, build, held, log_bytes, shop_at, words

FOREVER = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n
"""
NEEDS = {"daily_sales": ["d", "qty"], "vw_sales": ["qty"]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return build(tmp_path / "shop.db")


async def test_rows_are_mappings_by_column_name(file: Path) -> None:
    rows = await shop_at(file).rows(
        "SELECT d, qty FROM daily_sales WHERE d >= :first ORDER BY d", first="2026-11-21"
    )
    assert rows == [{"d": "2026-11-21", "qty": 3}, {"d": "2026-11-22", "qty": 5}]


async def test_the_template_is_told_the_dialect(file: Path) -> None:
    seen: list[object] = []

    def sql(name: str, **context: object) -> str:
        seen.append((name, context))
        return "SELECT 1 AS one"

    shop = shop_at(file)
    shop._sql = sql  # noqa: SLF001  # the only thing this test looks at
    assert await shop.rows("cash/last.sql.j2") == [{"one": 1}]
    assert seen == [("cash/last.sql.j2", {"dialect": "sqlite"})]


async def test_a_bound_value_is_never_sql(file: Path) -> None:
    rows = await shop_at(file).rows("SELECT :x AS x", x="'; DROP TABLE daily_sales; --")
    assert rows == [{"x": "'; DROP TABLE daily_sales; --"}]


async def test_text_that_is_not_utf8_is_shown_with_marks(file: Path) -> None:
    assert await shop_at(file).rows("SELECT CAST(x'ff41' AS TEXT) AS x") == [{"x": "\ufffdA"}]


async def test_a_replaced_file_is_read_anew(file: Path, tmp_path: Path) -> None:
    shop = shop_at(file)
    assert len(await shop.rows("SELECT * FROM daily_sales")) == 3
    os.replace(build(tmp_path / "new.db", "CREATE TABLE daily_sales (d)"), file)  # noqa: PTH105
    assert await shop.rows("SELECT * FROM daily_sales") == []


async def test_too_many_rows_are_not_read(file: Path) -> None:
    shop = shop_at(file, Limits(max_rows=2))
    assert len(await shop.rows("SELECT * FROM daily_sales LIMIT 2")) == 2
    with pytest.raises(Unreadable) as caught:
        await shop.rows("SELECT * FROM daily_sales")
    assert "more than 2 rows" in words(caught.value)
    assert caught.value.source is Source.CHECK


async def test_a_slow_statement_is_stopped_in_its_thread(file: Path) -> None:
    shop = shop_at(file, Limits(statement_seconds=0.2, busy_seconds=0.1))
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        await shop.rows(FOREVER)
    assert time.monotonic() - started < 2
    assert caught.value.why.key == "shop_too_slow"
    assert caught.value.source is Source.CHECK
    assert "0.2" in words(caught.value)


async def test_a_cancelled_question_leaves_no_statement_running(file: Path) -> None:
    shop = shop_at(file, Limits(statement_seconds=600))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await shop.rows(FOREVER)
    assert shop._threads._jobs == {}  # noqa: SLF001  # what must be empty
    await shop.close()  # would wait ten minutes for a thread still at work


async def test_a_locked_file_says_so_within_two_seconds(file: Path) -> None:
    with held(file, "BEGIN EXCLUSIVE"):
        started = time.monotonic()
        with pytest.raises(Unreadable) as caught:
            await shop_at(file).rows("SELECT * FROM daily_sales")
        assert time.monotonic() - started < 2
    assert "locked by another program" in words(caught.value)
    assert caught.value.source is Source.SHOP_DATABASE


async def test_thirty_questions_at_once_to_a_locked_file_all_know_within_two_seconds(
    file: Path,
) -> None:
    shop = shop_at(file)
    with held(file, "BEGIN EXCLUSIVE"):
        started = time.monotonic()
        answers = await asyncio.gather(
            *(shop.rows("SELECT * FROM daily_sales") for _ in range(30)), return_exceptions=True
        )
        assert time.monotonic() - started < 2.5
    assert all(isinstance(answer, Unreadable) for answer in answers)


async def test_a_file_that_is_unlocked_in_time_is_read(file: Path) -> None:
    with held(file, "BEGIN EXCLUSIVE") as holder:
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(shop_at(file).rows("SELECT count(*) AS n FROM daily_sales"))
            asyncio.get_running_loop().call_later(0.2, holder.execute, "ROLLBACK")
    assert asked.result() == [{"n": 3}]


async def test_a_missing_table_is_named(file: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).rows("SELECT * FROM job_runs")
    assert "lacks job_runs" in words(caught.value)
    assert caught.value.source is Source.CHECK


async def test_a_missing_column_is_named(file: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).rows("SELECT s.balance FROM daily_sales s")
    assert "column s.balance" in words(caught.value)


async def test_a_broken_view_is_named_and_not_only_its_missing_column(file: Path) -> None:
    build(file, "CREATE VIEW vw_cash AS SELECT balance FROM daily_sales")
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).rows("SELECT * FROM vw_cash")
    assert "a working vw_cash (no such column: balance)" in words(caught.value)


async def test_a_wrong_statement_is_refused_with_the_database_s_words(file: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).rows("SELEC 1")
    assert "syntax error" in words(caught.value)
    with pytest.raises(Unreadable):
        await shop_at(file).rows("SELECT :never_given")


async def test_what_is_needed_and_there_is_no_complaint(file: Path) -> None:
    await shop_at(file).require(NEEDS)
    await shop_at(file).require({"DAILY_SALES": ["D"]})


async def test_all_that_is_missing_is_named_at_once(file: Path) -> None:
    build(file, "CREATE VIEW vw_broken AS SELECT nope FROM daily_sales")
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).require(
            {**NEEDS, "daily_sales": ["d", "x", "y"], "job_runs": ["id"], "vw_broken": ["a"]}
        )
    assert words(caught.value) == (
        "The shop's database lacks daily_sales.x, daily_sales.y, job_runs; a working "
        "vw_broken (no such column: nope). This check cannot see until it is there."
    )
    assert caught.value.source is Source.CHECK


async def test_only_a_broken_view_reads_well_too(file: Path) -> None:
    build(file, "CREATE VIEW vw_broken AS SELECT nope FROM daily_sales")
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).require({"vw_broken": ["a"]})
    assert "database lacks a working vw_broken (" in words(caught.value)


async def test_several_sellers_in_one_table_cannot_be_judged(file: Path) -> None:
    build(file, "ALTER TABLE daily_sales ADD COLUMN org_id INTEGER")
    with pytest.raises(Unreadable) as caught:
        await shop_at(file).require(NEEDS)
    assert "daily_sales has a column org_id" in words(caught.value)
    await shop_at(file).require({"vw_sales": ["qty"]})


async def test_a_locked_file_is_not_taken_for_missing_tables(file: Path) -> None:
    shop = shop_at(file, Limits(busy_seconds=0.1))
    with held(file, "BEGIN EXCLUSIVE"), pytest.raises(Unreadable) as caught:
        await shop.require(NEEDS)
    assert caught.value.why.key == "shop_locked"


async def test_size_counts_file_log_and_free_pages(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db", wal=True)
    with closing(sqlite3.connect(file)) as writer:
        writer.executescript(
            "CREATE TABLE ballast AS SELECT randomblob(4000) FROM daily_sales, daily_sales;"
        )
        writer.executescript("DROP TABLE ballast;")
        size = await shop_at(file).size()
        assert size.name == "shop.db"
        assert size.main_bytes == file.stat().st_size
        assert size.wal_bytes == log_bytes(file) > 0
        assert size.free_bytes is not None
        assert size.free_bytes >= 9 * 4096
    assert size.disk_free_bytes is not None
    assert size.disk_total_bytes is not None
    assert 0 < size.disk_free_bytes < size.disk_total_bytes


async def test_a_link_to_the_file_counts_the_log_of_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file = build(tmp_path / "real" / "shop.db", wal=True)
    link = tmp_path / "link.db"
    link.symlink_to(file)
    with closing(sqlite3.connect(file)) as writer:
        writer.executescript(SHOP.replace("daily_sales", "other").replace("vw_sales", "vw_o"))
        assert (await shop_at(link).size()).wal_bytes > 0
