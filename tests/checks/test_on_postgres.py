"""The same SQL on a real PostgreSQL server: every check and every answer."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from bot.core.model import Status
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from bot.edges.shop import open_shop
from bot.edges.templates import Templates
from checks import _charges
from tests.checks.fakes import FakeMemory, FakeServices, FakeWeb, moment
from tests.checks.shop import SCHEMA
from tests.machine import ports

READS_THE_SHOP = [
    "check_ingest_success_rate",
    "check_cash_balance_threshold",
    "check_commission_outliers",
    "check_db_growth",
    "check_scheduler_on_time",
    "check_cash_reserve",
]
TYPES = SCHEMA.replace("INTEGER PRIMARY KEY", "SERIAL PRIMARY KEY").replace(
    "started_at TEXT, finished_at TEXT", "started_at TIMESTAMP, finished_at TIMESTAMP"
)
# Sixty days up to yesterday, 22 November, of two SKUs; the last week of OZON is overcharged.
TRADE = """
INSERT INTO sku (id, marketplace, article, category) VALUES
    (1, 'WB', 'wb-socks', 'all'), (2, 'OZON', 'oz-mugs', 'all');
INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from)
    SELECT marketplace, 'all', 10, '2020-01-01' FROM sku;
INSERT INTO daily_sales (d, sku_id, warehouse_id, revenue_gross, commission_amount)
    SELECT DATE '2026-11-22' - n, s, 1, 1000, CASE WHEN s = 2 AND n < 7 THEN 150 ELSE 100 END
    FROM generate_series(0, 59) AS n, generate_series(1, 2) AS s;
INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net)
    SELECT DATE '2026-11-22' - n, 'WB', 0, 500, -500 FROM generate_series(0, 29) AS n;
INSERT INTO job_runs (job_name, started_at, finished_at, status, duration_seconds)
    SELECT j, TIMESTAMP '2026-11-23 02:00' - n * INTERVAL '1 day' + k * INTERVAL '1 hour',
        TIMESTAMP '2026-11-23 02:01' - n * INTERVAL '1 day' + k * INTERVAL '1 hour', 'success', 60
    FROM generate_series(0, 9) AS n,
        (VALUES ('collect_yesterday_data', 0), ('recalc_recent_metrics', 1)) AS jobs (j, k);
"""


@pytest.fixture
def database(postgres: str) -> str:
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS checks")
        server.execute("CREATE DATABASE checks")
    url = f"{postgres}/checks"
    with psycopg.connect(url) as connection:
        connection.execute(TYPES.encode())
        connection.execute(TRADE.encode())
    return url


@pytest.fixture
async def served(database: str, templates: Templates) -> AsyncIterator[Tools]:
    shop = open_shop(database, sql=templates.sql)
    yield Tools(shop=shop, web=FakeWeb(), services=FakeServices(), memory=FakeMemory(), **ports())
    await shop.close()


async def test_every_check_sees_what_it_sees_in_sqlite(
    served: Tools, runbooks: dict[str, Runbook], templates: Templates
) -> None:
    seen = {}
    for name in READS_THE_SHOP:
        for reading in await runbooks[name].detect(served, moment()):
            seen[name.removeprefix("check_"), reading.subject] = reading
        for question in (runbooks[name].diagnose, *runbooks[name].questions):
            assert templates.render(question.template, **await question.read(served, moment()))

    assert {key: reading.status for key, reading in seen.items()} == {
        ("ingest_success_rate", "OZON"): Status.OK,
        ("ingest_success_rate", "WB"): Status.OK,
        ("cash_balance_threshold", "cash balance"): Status.FIRING,
        ("commission_outliers", "WB"): Status.OK,
        ("commission_outliers", "OZON"): Status.FIRING,
        ("db_growth", "shop database"): Status.OK,
        ("scheduler_on_time", "collect_yesterday_data"): Status.OK,
        ("scheduler_on_time", "recalc_recent_metrics"): Status.OK,
        ("cash_reserve", "cash reserve"): Status.UNKNOWN,  # below the limit: one alert is enough
    }
    assert seen["cash_balance_threshold", "cash balance"].facts["balance_rub"] == -15_000
    assert seen["commission_outliers", "OZON"].facts["at_stake_rub"] == 350
    assert await _charges.read(served, "2026-11-16", "2026-11-24") == []  # read, and none is new
    assert seen["ingest_success_rate", "WB"].facts["rows"] == 1
