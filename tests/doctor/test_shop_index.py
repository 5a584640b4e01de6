from pathlib import Path

import psycopg
import pytest

from bot.doctor import shop_index
from tests.checks.shop import Shop
from tests.doctor.patient import case, told

NO_INDEX = """
    DROP INDEX ix_daily_sales_d;
    ALTER TABLE daily_sales RENAME TO old_sales;
    CREATE TABLE daily_sales AS SELECT * FROM old_sales;
"""


async def examined(folder: Path) -> list[tuple[str, str, str, str]]:
    return [told(one) for one in await shop_index.examine(case(folder))]


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("", "ok"),
        ("DROP INDEX ix_daily_sales_d", "ok"),  # the unique one begins with d as well
        (NO_INDEX, "warning"),
        (NO_INDEX + "CREATE INDEX part ON daily_sales (d) WHERE qty > 0;", "warning"),
        (NO_INDEX + "CREATE INDEX late ON daily_sales (sku_id, d);", "warning"),
        (NO_INDEX + "CREATE INDEX other ON daily_sales (D, sku_id);", "ok"),
    ],
)
async def test_the_index_that_keeps_checks_fast(tmp_path: Path, script: str, verdict: str) -> None:
    shop = Shop(tmp_path / "shop.db")
    shop.run(f"DROP VIEW vw_commission_recon; {script}")
    [line] = await examined(tmp_path)
    assert line[1] == verdict
    if verdict == "warning":
        shop.run(line[3])  # the hint is the statement
        [line] = await examined(tmp_path)
        assert line[1] == "ok"


async def test_a_table_that_is_not_there_gets_no_advice_about_its_index(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db").run("DROP VIEW vw_commission_recon; DROP TABLE daily_sales")
    assert await examined(tmp_path) == []


async def test_without_a_database_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert await examined(tmp_path) == []
    url = "postgresql://ops@127.0.0.1:1/shop"
    assert await shop_index.examine(case(tmp_path, database_url=url)) == []


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("", None),
        ("CREATE VIEW daily_sales AS SELECT 1 AS d", None),
        ("CREATE TABLE daily_sales (id serial, d date)", "warning"),
        ("CREATE TABLE daily_sales (id serial PRIMARY KEY, d date)", "warning"),
        ("CREATE TABLE daily_sales (x int, d date, UNIQUE (d, x))", "ok"),
        ("CREATE TABLE daily_sales (d date); CREATE INDEX ON daily_sales ((d + 1))", "warning"),
        ("CREATE TABLE daily_sales (d date); CREATE INDEX ON daily_sales (d)", "ok"),
    ],
)
async def test_the_index_on_a_real_postgresql_server(
    postgres: str, tmp_path: Path, script: str, verdict: str | None
) -> None:
    url = f"{postgres}/postgres"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        server.execute(script.encode())
    results = await shop_index.examine(case(tmp_path, database_url=url))
    assert [str(result.verdict) for result in results] == ([verdict] if verdict else [])
