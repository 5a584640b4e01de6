"""Real files, whole and drifted as in real deployments."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.doctor import shop_database
from bot.doctor._result import Verdict
from tests.checks.shop import Shop
from tests.doctor.patient import case, told

NEEDING = ["ingest_success_rate", "cash_balance_threshold", "commission_outliers"]
DRIFTED_CASH = """
    DROP VIEW vw_cashflow_daily;
    CREATE VIEW vw_cashflow_daily AS SELECT d, marketplace, net AS balance FROM cashflow_daily;
"""


async def examined(folder: Path, **changes: object) -> list[tuple[str, str, str, str]]:
    return [told(one) for one in await shop_database.examine(case(folder, **changes))]


async def test_a_whole_shop(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db")
    lines = await examined(tmp_path)
    assert {line[1] for line in lines} == {"ok"}
    assert lines[0][0] == "Shop database"
    assert lines[0][2].startswith("shop.db can be read, ")
    assert [line[0] for line in lines[1:]] == [
        *(f"Data for {name}" for name in NEEDING),
        "Data for scheduler_on_time",
        "Data for cash_reserve",
    ]
    assert "vw_cashflow_daily" in lines[2][2]


async def test_a_renamed_column_is_named_and_the_other_checks_are_fine(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db").run(DRIFTED_CASH)
    broken = [line for line in await examined(tmp_path) if line[1] != "ok"]
    assert [line[:2] for line in broken] == [("Data for cash_balance_threshold", "broken")]
    assert "vw_cashflow_daily.cumulative_balance" in broken[0][2]
    assert "cash_balance_threshold stays unknown" in broken[0][3]


async def test_a_missing_table_is_named(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db").run("DROP TABLE job_runs")
    broken = [line for line in await examined(tmp_path) if line[1] != "ok"]
    assert "Data for scheduler_on_time" in {line[0] for line in broken}
    assert all("job_runs" in line[2] for line in broken)


async def test_several_tenants_are_named(tmp_path: Path) -> None:
    Shop(tmp_path / "shop.db").run("ALTER TABLE daily_sales ADD COLUMN org_id INTEGER")
    broken = [line for line in await examined(tmp_path) if line[1] != "ok"]
    assert broken
    assert all("org_id" in line[2] for line in broken)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b"this is no database at all" * 100, "is not a SQLite database"),
    ],
)
async def test_a_file_that_is_no_shop_is_one_line(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "shop.db").write_bytes(content)
    [line] = await examined(tmp_path)
    assert line[:2] == ("Shop database", "broken")
    assert said in line[2]
    assert "DATABASE_URL" in line[3]


async def test_a_server_that_is_not_there_keeps_its_password(tmp_path: Path) -> None:
    url = "postgresql://ops:planted-password@127.0.0.1:1/shop"
    results = await shop_database.examine(case(tmp_path, database_url=url))
    assert [result.verdict for result in results] == [Verdict.BROKEN]
    assert "planted-password" not in str(results)


async def test_nothing_is_written_into_the_shop(tmp_path: Path) -> None:
    path = Shop(tmp_path / "shop.db").path
    before = path.read_bytes()
    await examined(tmp_path)
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
