"""The generated database: everything of the contract is in it, and the numbers agree."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.shop.data.build import Plan, build, top_up, usable
from demo.shop.data.money import planned_balance
from demo.shop.database import reading, writing

CONTRACT = {
    "sku": "id marketplace nm_id ozon_id article brand category",
    "warehouse": "id marketplace code name region",
    "daily_sales": "id d sku_id warehouse_id qty refunds_qty revenue_gross refunds_amount"
    " promo_cost delivery_cost commission_amount channel src_hash",
    "daily_stock": "id d sku_id warehouse_id on_hand in_transit src_hash",
    "cashflow_daily": "d marketplace inflow outflow net src_hash",
    "pnl_daily": "d sku_id marketplace revenue_net cogs gross_profit refunds delivery_cost"
    " promo_cost commissions writeoffs margin_pct src_hash",
    "commission_rules": "id marketplace category rate_pct fixed_per_unit effective_from"
    " effective_until updated_at",
    "reviews": "review_id marketplace sku_id created_at_utc rating has_media text reply_status"
    " reply_id replied_at_utc",
    "job_runs": "id job_name started_at finished_at status duration_seconds error_message"
    " metadata",
    "ops_alerts_history": "id created_at source severity message fingerprint extras_json"
    " sent_to_chat_ids",
    "ops_remediation_history": "id triggered_at alert_id action_name status details retry_count",
    "vw_cashflow_daily": "d cumulative_balance",
    "vw_commission_recon": "d sku_id article marketplace actual_commission calc_commission"
    " delta_abs delta_pct flag_outlier",
    "vw_inventory_snapshot": "sku_id warehouse_id warehouse on_hand in_transit d",
    "vw_pnl_actual_daily": "d sku_id marketplace revenue_net cogs gross_profit refunds"
    " delivery_cost promo_cost commissions writeoffs margin_pct src_hash article",
}
LAST = "SELECT cumulative_balance FROM vw_cashflow_daily ORDER BY d DESC LIMIT 1"


@pytest.fixture
def shop(built: Path) -> Iterator[sqlite3.Connection]:
    with reading(built) as connection:
        yield connection


def one(shop: sqlite3.Connection, query: str, *values: object) -> Any:  # noqa: ANN401  # any cell
    return shop.execute(query, values).fetchone()[0]


def digest(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


@pytest.mark.parametrize(("name", "columns"), CONTRACT.items())
def test_has_the_columns_of_the_contract(
    shop: sqlite3.Connection, name: str, columns: str
) -> None:
    found = [row["name"] for row in shop.execute(f"PRAGMA table_info({name})")]
    assert found == columns.split()


@pytest.mark.parametrize("name", sorted(CONTRACT.keys() - {"ops_alerts_history"}))
def test_holds_rows(shop: sqlite3.Connection, name: str) -> None:
    expected = 0 if name == "ops_remediation_history" else 1
    query = f"SELECT COUNT(*) FROM {name}"  # noqa: S608  # names from above
    assert one(shop, query) >= expected


def test_is_in_wal_mode_and_whole(shop: sqlite3.Connection) -> None:
    assert one(shop, "PRAGMA journal_mode") == "wal"
    assert one(shop, "PRAGMA quick_check") == "ok"
    assert shop.execute("PRAGMA foreign_key_check").fetchall() == []


def test_sells_every_day_on_both_marketplaces(shop: sqlite3.Connection, plan: Plan) -> None:
    days = "SELECT COUNT(DISTINCT s.d || k.marketplace), MIN(s.d), MAX(s.d) FROM daily_sales s"
    found = shop.execute(f"{days} JOIN sku k ON k.id = s.sku_id").fetchone()
    assert tuple(found) == (2 * plan.days, plan.first.isoformat(), plan.yesterday.isoformat())


def test_marketplaces_keep_to_their_own_warehouses(shop: sqlite3.Connection) -> None:
    query = (
        "SELECT COUNT(*) FROM daily_sales s JOIN sku k ON k.id = s.sku_id"
        " JOIN warehouse w ON w.id = s.warehouse_id WHERE w.marketplace <> k.marketplace"
    )
    assert one(shop, query) == 0


def test_the_same_plan_builds_the_same_database(plan: Plan, built: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.db", plan)
    assert digest(tmp_path / "again.db") == digest(built)
    build(tmp_path / "other.db", replace(plan, seed=18))
    assert digest(tmp_path / "other.db") != digest(built)


def test_the_balance_is_comfortable_and_the_sum_of_all_flows(
    shop: sqlite3.Connection, plan: Plan
) -> None:
    last = shop.execute(LAST).fetchone()[0]
    assert last == pytest.approx(planned_balance(plan.yesterday), abs=1)
    assert last == one(shop, "SELECT ROUND(SUM(net), 2) FROM cashflow_daily")
    assert one(shop, "SELECT MIN(cumulative_balance) FROM vw_cashflow_daily") > 39_000_000
    assert one(shop, "SELECT COUNT(*) FROM cashflow_daily WHERE ABS(inflow-outflow-net)>.01") == 0


def test_the_demos_shop_has_a_reserve_of_over_a_month(built_demo_shop: Path) -> None:
    """Else its first minute would show an alert that nobody switched on."""
    with reading(built_demo_shop) as shop:
        balance = shop.execute(LAST).fetchone()[0]
        newest = (
            "SELECT SUM(outflow) AS out FROM cashflow_daily GROUP BY d ORDER BY d DESC LIMIT 28"
        )
        a_day = one(shop, f"SELECT AVG(out) FROM ({newest})")  # noqa: S608  # of this test
    assert balance / a_day > 40


def test_sales_are_paid_a_week_later(shop: sqlite3.Connection, plan: Plan) -> None:
    sold = one(
        shop,
        "SELECT SUM(revenue_gross - refunds_amount - commission_amount - delivery_cost"
        " - promo_cost) FROM daily_sales WHERE d = ?",
        (plan.yesterday - timedelta(days=7)).isoformat(),
    )
    paid = one(
        shop, "SELECT SUM(inflow) FROM cashflow_daily WHERE d = ?", plan.yesterday.isoformat()
    )
    assert paid == pytest.approx(sold, abs=0.02)


def test_profit_agrees_with_the_sales(shop: sqlite3.Connection) -> None:
    sold = shop.execute(
        "SELECT SUM(revenue_gross - refunds_amount), SUM(commission_amount) FROM daily_sales"
    ).fetchone()
    profit = shop.execute("SELECT SUM(revenue_net), SUM(commissions) FROM pnl_daily").fetchone()
    assert tuple(profit) == pytest.approx(tuple(sold))


def test_a_healthy_shop_has_one_or_two_outliers_in_any_week(
    shop: sqlite3.Connection, plan: Plan
) -> None:
    query = "SELECT COUNT(*) FROM vw_commission_recon WHERE d>=? AND d<? AND flag_outlier = 1"
    weeks = [plan.first + timedelta(days=n) for n in range(plan.days - 6)]
    found = {
        one(shop, query, day.isoformat(), (day + timedelta(days=7)).isoformat()) for day in weeks
    }
    assert found == {1, 2}


def test_each_sale_has_exactly_one_commission_rule(shop: sqlite3.Connection) -> None:
    assert one(shop, "SELECT COUNT(*) FROM vw_commission_recon") == one(
        shop, "SELECT COUNT(*) FROM daily_sales"
    )
    assert one(shop, "SELECT COUNT(*) FROM vw_commission_recon WHERE calc_commission IS NULL") == 0


def test_commission_rules_keep_their_history(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "long.db"
    build(path, replace(plan, days=150, skus=20))
    with reading(path) as shop:
        closed = "SELECT COUNT(*) FROM commission_rules WHERE effective_until IS NOT NULL"
        assert one(shop, closed) >= 16
        assert one(shop, "SELECT COUNT(*) FROM vw_commission_recon") == one(
            shop, "SELECT COUNT(*) FROM daily_sales"
        )


def test_the_view_of_commissions_reads_only_the_asked_days(shop: sqlite3.Connection) -> None:
    query = "SELECT COUNT(*) FROM vw_commission_recon WHERE d >= '2026-03-01' AND d < '2026-03-08'"
    steps = [row["detail"] for row in shop.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert any(step.startswith("SEARCH s") and "d>? AND d<?" in step for step in steps), steps
    assert not any(step.startswith("SCAN") for step in steps), steps


def test_a_sale_that_no_rule_covers_is_not_called_right(database: Path) -> None:
    with writing(database) as shop:
        shop.execute("DELETE FROM commission_rules WHERE marketplace='WB' AND category='Home'")
        query = "SELECT COUNT(*), COUNT(flag_outlier), COUNT(calc_commission) FROM"
        every, flagged, calculated = shop.execute(f"{query} vw_commission_recon").fetchone()
    assert flagged == calculated < every


def test_stock_is_the_latest_of_each_pair(shop: sqlite3.Connection) -> None:
    pairs = one(shop, "SELECT COUNT(DISTINCT sku_id * 100 + warehouse_id) FROM daily_stock")
    assert one(shop, "SELECT COUNT(*) FROM vw_inventory_snapshot") == pairs
    assert one(shop, "SELECT COUNT(DISTINCT d) FROM vw_inventory_snapshot") == 1


def test_jobs_have_run_every_night(shop: sqlite3.Connection, plan: Plan) -> None:
    runs = shop.execute("SELECT job_name, COUNT(*), MIN(status) FROM job_runs GROUP BY 1")
    assert [tuple(row) for row in runs] == [
        ("collect_yesterday_data", plan.days + 1, "success"),
        ("recalc_recent_metrics", plan.days + 1, "success"),
    ]


def test_an_asked_number_of_rows_is_met_exactly(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "rows.db"
    build(path, replace(plan, rows=10_007))
    with reading(path) as shop:
        assert one(shop, "SELECT COUNT(*) FROM daily_sales") == 10_007
        assert one(shop, "SELECT COUNT(DISTINCT d) FROM daily_sales") == plan.days


def test_an_older_database_is_brought_up_to_yesterday(database: Path, plan: Plan) -> None:
    later = replace(plan, yesterday=date(2026, 3, 12), now=plan.now + timedelta(days=3))
    assert top_up(database, later) == 3
    with reading(database) as shop:
        assert one(shop, "SELECT MAX(d) FROM daily_sales") == "2026-03-12"
        assert shop.execute(LAST).fetchone()[0] == pytest.approx(
            planned_balance(later.yesterday), abs=1
        )
        runs = one(shop, "SELECT COUNT(*) FROM job_runs WHERE started_at >= '2026-03-12 09'")
        assert runs == 2
    assert top_up(database, later) == 0


def test_what_a_broken_file_holds_is_not_usable(tmp_path: Path, database: Path) -> None:
    assert usable(database)
    assert not usable(tmp_path / "missing.db")
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    assert not usable(tmp_path / "garbage.db")
    with writing(database) as shop:
        shop.execute("PRAGMA user_version=0")
    assert not usable(database)
    assert not (tmp_path / "missing.db").exists()


def test_the_command_line_builds_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "shop.db"
    options = ["--rows", "500", "--days", "10", "--today", "2026-03-10"]
    done = subprocess.run(
        [sys.executable, "-m", "demo.shop.data", "--out", str(path), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{path}: " in done.stdout
    with reading(path) as shop:
        assert one(shop, "SELECT COUNT(*) FROM daily_sales") == 500
        assert one(shop, "SELECT MAX(d) FROM daily_sales") == "2026-03-09"
