"""What a database is made of and how it would answer, on SQLite and PostgreSQL."""

from pathlib import Path

import pytest

from bot.core.model import Unreadable
from bot.core.tools import ColumnInfo, IndexInfo, PlanStep, TableInfo
from bot.edges.shop.limits import Limits
from bot.edges.shop.postgres import PostgresShop
from bot.edges.shop.postgres_catalogue import step
from tests.edges.shop.helpers import as_named, build, held, shop_at
from tests.edges.shop.test_postgres import url

__all__ = ["url"]  # a fixture

MORE = """
    CREATE TABLE "odd ""name" (k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX ix_two ON daily_sales (qty, d);
    CREATE UNIQUE INDEX ix_expression ON daily_sales (abs(qty), id);
    DELETE FROM daily_sales WHERE id = 1;
"""
BY_DAY = "SELECT qty FROM daily_sales WHERE d >= :since AND d < :until"
DAYS = {"since": "2026-11-21", "until": "2026-11-22"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return build(build(tmp_path / "shop.db"), MORE)


async def test_tables_come_with_estimates_and_views_without(file: Path) -> None:
    assert await shop_at(file).tables() == [
        TableInfo(name="daily_sales", rows=2),
        TableInfo(name='odd "name', rows=None),
        TableInfo(name="vw_sales", view=True),
    ]


async def test_an_estimate_reads_no_table(file: Path) -> None:
    build(
        file,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
        " INSERT INTO daily_sales (d, qty) SELECT '2026-11-01', i FROM n",
    )
    impatient = shop_at(file, Limits(statement_seconds=0.0, busy_seconds=0.0))
    found = {one.name: one.rows for one in await impatient.tables()}
    assert found["daily_sales"] == 200_002  # interrupted before it had counted so many


async def test_columns_and_indexes_of_a_table(file: Path) -> None:
    schema = await shop_at(file).schema("daily_sales")
    assert schema.columns[:2] == [
        ColumnInfo(name="id", type="INTEGER", key=1),
        ColumnInfo(name="d", type="DATE"),
    ]
    assert schema.indexes == [
        IndexInfo(name="ix_daily_sales_d", columns=["d"]),
        IndexInfo(name="ix_expression", columns=["(…)", "id"], unique=True),
        IndexInfo(name="ix_two", columns=["qty", "d"]),
    ]
    odd = await shop_at(file).schema('odd "name')
    assert [(one.name, one.required, one.key) for one in odd.columns] == [
        ("k", True, 1),
        ("v", True, 0),
    ]
    assert (await shop_at(file).schema("sku; DROP TABLE daily_sales")).columns == []


@pytest.mark.parametrize(
    ("statement", "scans"),
    [
        (BY_DAY, []),
        ("SELECT revenue_gross FROM daily_sales WHERE revenue_gross > 1", ["SCAN daily_sales"]),
        ("SELECT count(*) FROM vw_sales", ["SCAN daily_sales USING INDEX ix_daily_sales_d"]),
        ("SELECT 1", []),
    ],
)
async def test_a_plan_marks_what_reads_a_whole_table(
    file: Path, statement: str, scans: list[str]
) -> None:
    steps = await shop_at(file).plan(statement, **(DAYS if ":since" in statement else {}))
    assert [one.text for one in steps if one.scan] == scans
    assert steps


async def test_a_plan_needs_no_look_at_the_rows(file: Path) -> None:
    forever = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    assert await shop_at(file, Limits(statement_seconds=0.1)).plan(forever)


async def test_a_plan_names_what_is_missing_and_who_locks(file: Path) -> None:
    with pytest.raises(Unreadable) as missing:
        await shop_at(file).plan("SELECT * FROM job_runs")
    assert missing.value.why.key == "shop_missing"
    with held(file, "BEGIN EXCLUSIVE"), pytest.raises(Unreadable) as locked:
        await shop_at(file, Limits(busy_seconds=0.05)).tables()
    assert locked.value.why.key == "shop_locked"


async def test_explaining_cannot_write(file: Path) -> None:
    with pytest.raises(Unreadable):
        await shop_at(file).plan("DELETE FROM daily_sales")
    assert len(await shop_at(file).rows("SELECT * FROM daily_sales")) == 2


async def test_the_same_on_postgresql(url: str) -> None:
    shop = PostgresShop(url, sql=as_named, limits=Limits())
    tables = {one.name: one for one in await shop.tables()}
    assert tables["vw_sales"].view
    assert tables["vw_sales"].size_bytes is None
    assert tables["daily_sales"].size_bytes
    assert tables["daily_sales"].rows is None  # nobody has analysed it yet
    schema = await shop.schema("daily_sales")
    assert [(one.name, one.type, one.key) for one in schema.columns][:2] == [
        ("id", "integer", 1),
        ("d", "date", 0),
    ]
    assert schema.indexes == [IndexInfo(name="daily_sales_pkey", columns=["id"], unique=True)]
    assert (await shop.schema("nothing")).columns == []
    steps = await shop.plan(
        BY_DAY.replace(":since", "CAST(:since AS date)").replace(":until", "CAST(:until AS date)"),
        **DAYS,
    )
    assert steps[0].text.startswith("Seq Scan on daily_sales")
    assert steps[0].scan


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Seq Scan on t  (cost=0.00..1.05 rows=5 width=4)",
            PlanStep(depth=0, text="Seq Scan on t (about 5 rows)", scan=True),
        ),
        (
            "  ->  Index Scan using i on t  (cost=0.00..1.05 rows=5 width=4)",
            PlanStep(depth=1, text="Index Scan using i on t (about 5 rows)"),
        ),
        (
            "        ->  Parallel Seq Scan on t  (cost=0.00..1.05 rows=5 width=4)",
            PlanStep(depth=2, text="Parallel Seq Scan on t (about 5 rows)", scan=True),
        ),
        ("  Filter: (d > 1)", PlanStep(depth=1, text="Filter: (d > 1)")),
    ],
)
def test_lines_of_postgresql(line: str, expected: PlanStep) -> None:
    assert step(line) == expected
