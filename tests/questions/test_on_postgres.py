"""The same SQL on a real PostgreSQL server: every command that reads the shop."""

from collections.abc import AsyncIterator
from dataclasses import replace

import psycopg
import pytest

from bot.core import rule_days, way_clear
from bot.core.retention import parse
from bot.core.rule_days import Ends
from bot.core.runbook import Refused
from bot.edges.shop import open_edits, open_shop
from bot.remediations import remediate_rate
from tests.checks.test_on_postgres import TYPES, database
from tests.postgres import counts_statements
from tests.questions.conftest import Room
from tests.remediations.fakes import JOB, tools

__all__ = ["database"]  # a fixture


@pytest.fixture
async def served(database: str, room: Room) -> AsyncIterator[Room]:
    shop = open_shop(database, sql=room.templates.sql)
    room.shop = shop
    yield room
    await shop.close()


async def test_commands_answer_as_from_sqlite(served: Room) -> None:
    cash = await served.read("cash 3")
    assert cash.splitlines()[0] == "🔴 <b>Cash -15 000 ₽</b> on 22 Nov"
    assert "! 21 Nov    -14 500   -500" in cash
    assert "WB  0 1 500 -1 500" in cash
    outliers = await served.read("outliers")
    assert outliers.startswith("<b>7 commissions off in 7 days, 350 ₽ at stake</b>")
    assert "22 Nov OZON oz-mugs\n" in outliers
    assert "+50 ₽           +50 %" in outliers
    page = await served.ask("export outliers")
    assert page.table is not None
    assert len(page.table.rows) == 7
    assert "<b>Database</b> checks" in await served.read("db")


async def test_service_levels_jobs_and_reports(served: Room) -> None:
    levels = await served.read("slo 30")
    assert "60 of 60 days came in" in levels
    assert "runs were on time" in levels
    assert "0 of 10 runs failed" in await served.read("jobs collect")
    assert "sold" in await served.read("report monthly")


async def test_the_weekly_report_names_what_takes_the_servers_time(
    served: Room, database: str
) -> None:
    assert "took PostgreSQL most time" not in await served.read("report weekly")
    if not counts_statements():
        pytest.skip("this PostgreSQL has no pg_stat_statements")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
        connection.execute("SELECT pg_sleep(0.02), 'a <b>secret</b>' AS word")
        connection.execute("DO $$ BEGIN PERFORM 'typed-password'; END $$")
    text = await served.read("report weekly")
    report = text.partition("took PostgreSQL most time")[2]
    assert "SELECT pg_sleep($1), $2 AS word" in report
    assert "1 call\n" in report
    assert "secret" not in report
    assert "typed-password" not in report


MORE = """
CREATE TABLE pnl_daily (d date, sku_id int, marketplace text, revenue_net float, cogs float,
    gross_profit float, refunds float, delivery_cost float, promo_cost float, commissions float,
    writeoffs float, PRIMARY KEY (d, sku_id, marketplace));
INSERT INTO pnl_daily
    SELECT DATE '2026-11-22' - n, 1, 'WB', 1000, 400, 300, 0, 100, 0, 200, NULL
    FROM generate_series(0, 29) AS n;
UPDATE pnl_daily SET delivery_cost = 700 WHERE d = '2026-11-22';
CREATE VIEW vw_inventory_snapshot AS
    SELECT 1 AS sku_id, 7 AS warehouse_id, 'Koledino'::varchar AS warehouse, 12 AS on_hand,
        3 AS in_transit, DATE '2026-11-22' AS d;
"""


@pytest.fixture
def trading(served: Room, database: str) -> Room:
    with psycopg.connect(database) as connection:
        connection.execute(MORE.encode())
    keeps = parse("daily_sales=90,job_runs=30,pnl_daily=30")
    served.book = replace(served.book, policy=replace(served.book.policy, retention=keeps))
    return served


async def test_money_stock_and_what_is_old(trading: Room, database: str) -> None:
    assert "! Delivery         700   100" in await trading.read("cash")
    assert "30 %" in await trading.read("pnl")
    assert "21 Nov WB    500   -500" in await trading.read("outflows 400 30")
    assert "Nothing found" in await trading.read("outflows")
    assert "wb-socks Koledino 12 3" in " ".join((await trading.read("inventory")).split())
    with psycopg.connect(database) as connection:
        connection.execute(b"UPDATE daily_sales SET d = d - 60 WHERE d < '2026-10-01'")
        connection.execute(b"UPDATE job_runs SET started_at = '2026-01-01' WHERE id = 1")
        rows = connection.execute(b"SELECT count(*) FROM daily_sales WHERE d < '2026-08-25'")
        old = (rows.fetchone() or [0])[0]
    text = await trading.read("retention")
    assert f"<b>{old}</b> rows before 25 Aug 2026" in text
    assert "<b>1</b> row" in text.split("job_runs")[1]
    assert "the oldest is of 2026-01-01" in text.split("job_runs")[1]
    assert "✅ nothing before 24 Oct 2026" in text.split("pnl_daily")[1]


async def test_a_rate_changed_from_a_day_on(trading: Room, database: str) -> None:
    """The question, both statements and the rules afterwards; the view says which day is which."""
    edits = open_edits(database, sql=trading.templates.sql)
    args = {"marketplace": "OZON", "rate": "15", "from": "2026-11-18", "category": "ALL"}
    seeing = tools(shop=trading.shop, edits=edits)
    before = await remediate_rate.preflight(seeing, replace(JOB, args=args))
    assert not isinstance(before, Refused)
    assert (before["until"], before["outliers"]) == ("2026-11-18", 6)
    job = replace(JOB, args=args, before=before)
    await remediate_rate.act(seeing, job)
    assert (await remediate_rate.verify(seeing, job, {}))["outliers"] == 2
    await edits.close()
    assert (await trading.read("rules ozon")).splitlines()[1:4] == [
        "<pre>all",
        "● 2026-11-18 – now              15 %",
        "  2020-01-01 – 2026-11-17       10 %</pre>",
    ]
    log = await trading.read("rulelog")
    assert "OZON <b>all</b>: 10 % → <b>15 %</b> from 2026-11-18" in log


async def test_the_last_day_of_a_rule_is_what_the_view_says(trading: Room, database: str) -> None:
    view = TYPES[TYPES.index("CREATE VIEW vw_commission_recon") :].replace("<", "<=")
    assert "d <= r.effective_until" in view
    with psycopg.connect(database) as connection:
        connection.execute(b"DROP VIEW vw_commission_recon")
        connection.execute(view.encode())
    assert await rule_days.read(trading.shop) == Ends(held=True)
    with psycopg.connect(database) as connection:
        connection.execute(
            b"DROP VIEW vw_commission_recon; UPDATE commission_rules SET effective_until ="
            b" '2026-01-31' WHERE marketplace = 'WB'; INSERT INTO commission_rules (marketplace,"
            b" category, rate_pct, effective_from) VALUES ('WB', 'all', 11, '2026-02-01')"
        )
    assert await rule_days.read(trading.shop) == Ends(held=True)
    with psycopg.connect(database) as connection:
        connection.execute(
            b"UPDATE commission_rules SET effective_until = '2026-02-01'"
            b" WHERE effective_until IS NOT NULL"
        )
    assert await rule_days.read(trading.shop) == Ends(held=False)


async def test_the_runs_of_all_jobs(served: Room) -> None:
    rows = await served.shop.rows("shop/job_runs.sql.j2", since="2026-11-01 00:00:00", limit=1500)
    assert {one.job for one in way_clear.parse(rows)} >= {"collect_yesterday_data"}
