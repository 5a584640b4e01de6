"""A shop's database with the tables and views of SoVAni, and a pen to write in it."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Self

ONE_DAY = timedelta(days=1)

SCHEMA = """
CREATE TABLE sku (id INTEGER PRIMARY KEY, marketplace TEXT, nm_id TEXT, ozon_id TEXT,
    article TEXT, brand TEXT, category TEXT);
CREATE TABLE daily_sales (id INTEGER PRIMARY KEY, d DATE, sku_id INTEGER, warehouse_id INTEGER,
    qty INTEGER, refunds_qty INTEGER, revenue_gross NUMERIC, refunds_amount NUMERIC,
    promo_cost NUMERIC, delivery_cost NUMERIC, commission_amount NUMERIC, channel TEXT,
    src_hash TEXT, UNIQUE (d, sku_id, warehouse_id));
CREATE INDEX ix_daily_sales_d ON daily_sales (d);
CREATE TABLE cashflow_daily (d DATE, marketplace TEXT, inflow NUMERIC, outflow NUMERIC,
    net NUMERIC, src_hash TEXT, PRIMARY KEY (d, marketplace));
CREATE TABLE commission_rules (id INTEGER PRIMARY KEY, marketplace TEXT, category TEXT,
    rate_pct NUMERIC, fixed_per_unit NUMERIC, effective_from DATE, effective_until DATE,
    updated_at TEXT);
CREATE TABLE job_runs (id INTEGER PRIMARY KEY, job_name TEXT, started_at TEXT, finished_at TEXT,
    status TEXT, duration_seconds REAL, error_message TEXT, metadata TEXT);
CREATE VIEW vw_cashflow_daily AS
    SELECT d, SUM(SUM(net)) OVER (ORDER BY d) AS cumulative_balance
    FROM cashflow_daily GROUP BY d;
CREATE VIEW vw_commission_recon AS
    SELECT x.*, CASE WHEN x.delta_pct IS NULL THEN NULL
        WHEN ABS(x.delta_pct) > 5 THEN 1 ELSE 0 END AS flag_outlier
    FROM (
        SELECT s.d, s.sku_id, k.article, k.marketplace, s.commission_amount AS actual_commission,
            s.revenue_gross * r.rate_pct / 100 AS calc_commission,
            s.commission_amount - s.revenue_gross * r.rate_pct / 100 AS delta_abs,
            100.0 * (s.commission_amount - s.revenue_gross * r.rate_pct / 100)
                / (s.revenue_gross * r.rate_pct / 100) AS delta_pct
        FROM daily_sales AS s
        JOIN sku AS k ON k.id = s.sku_id
        LEFT JOIN commission_rules AS r ON r.marketplace = k.marketplace
            AND r.category = k.category AND s.d >= r.effective_from
            AND (r.effective_until IS NULL OR s.d < r.effective_until)
    ) AS x;
"""
SKUS = [
    (1, "WB", "wb-socks"),
    (2, "WB", "wb-hats"),
    (3, "OZON", "oz-mugs"),
    (4, "OZON", "oz-cups"),
]


class Shop:
    """Each method opens, writes and closes: the reader is a program of its own."""

    def __init__(self, path: Path, script: str = SCHEMA) -> None:
        self.path = path
        self.run(script)

    @classmethod
    def copied(cls, made: Path, path: Path) -> Self:
        """One that has all that another one holds."""
        shutil.copy(made, path)
        return cls(path, "")

    def run(self, script: str) -> None:
        with closing(self._connect()) as connection:
            connection.executescript(script)

    def write(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        with closing(self._connect()) as connection, connection:
            connection.executemany(statement, rows)

    def select(self, query: str) -> list[tuple[object, ...]]:
        with closing(self._connect()) as connection:
            return connection.execute(query).fetchall()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA synchronous = OFF")  # a test's shop survives no power cut
        return connection

    def stock_skus(self) -> None:
        self.write(
            "INSERT INTO sku (id, marketplace, article, category) VALUES (?, ?, ?, 'all')",
            [*SKUS],
        )

    def sell(self, *days: date | str, skus: tuple[int, ...] = (1, 2, 3, 4)) -> None:
        """Sell each SKU for 1000 roubles with the commission of 100 that the rule asks for."""
        self.write(
            "INSERT INTO daily_sales (d, sku_id, warehouse_id, qty, revenue_gross,"
            " commission_amount) VALUES (?, ?, 1, 1, 1000, 100)",
            [(str(day), sku) for day in days for sku in skus],
        )

    def sell_daily(self, until: date, days: int = 60) -> None:
        """Sell on every day of a stretch up to `until`, that day included."""
        self.sell(*(until - n * ONE_DAY for n in range(days)))

    def rule(self, marketplace: str, rate_pct: float = 10) -> None:
        self.write(
            "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from)"
            " VALUES (?, 'all', ?, '2020-01-01')",
            [(marketplace, rate_pct)],
        )

    def overcharge(self, day: date | str, sku: int, commission: float) -> None:
        self.write(
            "UPDATE daily_sales SET commission_amount = ? WHERE d = ? AND sku_id = ?",
            [(commission, str(day), sku)],
        )

    def flow(self, day: date | str, net: float | str | None, marketplace: str = "WB") -> None:
        self.write(
            "INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net)"
            " VALUES (?, ?, 100, 100 - CAST(? AS REAL), ?)",
            [(str(day), marketplace, net, net)],
        )

    def job(
        self,
        name: str,
        started: str | None,
        status: str | None = "success",
        seconds: float | None = 60.0,
        error: str | None = None,
    ) -> None:
        """Record a run; one that is still running has no end."""
        finished = None if status == "running" else started
        self.write(
            "INSERT INTO job_runs (job_name, started_at, finished_at, status, duration_seconds,"
            " error_message) VALUES (?, ?, ?, ?, ?, ?)",
            [(name, started, finished, status, seconds, error)],
        )
