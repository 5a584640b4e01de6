"""Two shops of SoVAni's own tables: a usual one, and one as wide as a shop can be."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests import wide
from tests.checks.fakes import moment

SCHEMA = Path(__file__).parents[2] / "demo" / "shop" / "data" / "schema.sql"
TODAY = moment().today
DAY = timedelta(days=1)
MARKETS = ("WB", "OZON")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large a shop is, and how long its words are."""

    skus: int
    roubles: float  # of one article's sales in a day
    pieces: int
    article: str
    category: str
    warehouse: str
    job: str
    jobs: int
    error: str
    rate: float
    late: int = 0  # days without payouts of one marketplace


USUAL = Scale(
    skus=14,
    roubles=1_500.5,
    pieces=3,
    article="socks-{}",
    category="Socks",
    warehouse="Elektrostal",
    job="collect_reviews",
    jobs=1,
    error="429 Too Many Requests",
    rate=10,
)
WIDE = Scale(
    skus=300,
    roubles=wide.SUM / 300,
    pieces=999_999_999,
    article=wide.article(0).replace("-0-", "-{}-"),
    category=wide.CATEGORY[:64],
    warehouse=f"Склад {wide.MARKET} в Электростали & <возвраты>"[:64],
    job=wide.JOB,
    jobs=40,
    error="<boom> & " * 60,
    rate=12.25,
    late=14,
)


MADE: dict[Scale, bytes] = {}  # files that were built already in this process


def copy(path: Path, scale: Scale) -> Path:
    """Such a shop of the caller's own, to write in."""
    if scale not in MADE:
        MADE[scale] = build(path, scale).read_bytes()
    path.write_bytes(MADE[scale])
    return path


def build(path: Path, scale: Scale) -> Path:
    """Half a year ago, and each of the last 40 days up to yesterday."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA.read_text("utf-8"))
        for table, rows in _tables(scale):
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608  # names of this file
                    tuple(str(one) if isinstance(one, date) else one for one in row.values()),
                )
        # pages that a VACUUM gives back
        connection.executescript(
            "CREATE TABLE waste AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 500) SELECT randomblob(4000) AS x FROM n; DROP TABLE waste;"
        )
    return path


def _tables(scale: Scale) -> Iterator[tuple[str, list[dict[str, object]]]]:
    days = [TODAY - n * DAY for n in range(40, 0, -1)]
    skus = range(1, scale.skus + 1)
    yield (
        "sku",
        [
            {
                "id": n,
                "marketplace": MARKETS[n % 2],
                "article": scale.article.format(n),
                "brand": scale.warehouse[:20],
                "category": scale.category,
            }
            for n in skus
        ],
    )
    yield (
        "warehouse",
        [{"id": 1, "marketplace": "WB", "code": "1", "name": scale.warehouse, "region": "X"}],
    )
    yield (
        "commission_rules",
        [
            {
                "marketplace": market,
                "category": scale.category,
                "rate_pct": rate,
                "effective_from": since,
                "effective_until": until,
            }
            for market in MARKETS
            for rate, since, until in (
                (scale.rate - 2, "2024-01-01", "2026-01-01"),
                (scale.rate, "2026-01-01", None),
            )
        ],
    )
    old = [TODAY - timedelta(days=200 + n) for n in range(10)]
    yield "daily_sales", [_sale(scale, day, n) for day in [*old, *days] for n in skus[:60]]
    yield (
        "daily_stock",
        [
            {
                "d": days[-1],
                "sku_id": n,
                "warehouse_id": 1,
                "on_hand": scale.pieces - n % 3,
                "in_transit": scale.pieces if n % 4 else 0,
            }
            for n in skus
        ],
    )
    yield (
        "cashflow_daily",
        [
            {
                "d": day,
                "marketplace": market,
                "inflow": inflow,
                "outflow": outflow,
                "net": inflow - outflow,
            }
            for day in days
            for market in MARKETS
            for inflow, outflow in [_flow(scale, day, market)]
        ],
    )
    yield "pnl_daily", [_profit(scale, day, n) for day in days for n in skus[:6]]
    names = ["collect_yesterday_data", "recalc_recent_metrics"]
    names += jobs(scale)
    yield "job_runs", [_job(scale, name, day) for day in [*days, TODAY] for name in names]
    yield (
        "reviews",
        [
            {
                "review_id": str(n),
                "marketplace": MARKETS[n % 2],
                "sku_id": 1 + n % scale.skus,
                "created_at_utc": f"{days[-1 - n % 30]} 12:00:00",
                "rating": 1 + n % 5,
                "text": scale.category,
            }
            for n in range(scale.skus)
        ],
    )


def _flow(scale: Scale, day: date, market: str) -> tuple[float, float]:
    total = scale.roubles * scale.skus
    late = market == "OZON" and day >= TODAY - scale.late * DAY
    return 0 if late else total / 2, total * (0.4 if day.day % 9 else 0.9)


def _sale(scale: Scale, day: date, sku: int) -> dict[str, object]:
    """Most are charged by the rule; each seventh article is not."""
    by_rule = scale.roubles * scale.rate / 100
    return {
        "d": day,
        "sku_id": sku,
        "warehouse_id": 1,
        "qty": scale.pieces,
        "refunds_qty": 0,
        "revenue_gross": scale.roubles,
        "commission_amount": by_rule if sku % 7 else by_rule * (1.9 if sku % 2 else 0.2),
        "delivery_cost": scale.roubles / 20,
        "promo_cost": scale.roubles / 30,
        "channel": "FBO",
    }


def _profit(scale: Scale, day: date, sku: int) -> dict[str, object]:
    revenue = scale.roubles * scale.skus / 6
    return {
        "d": day,
        "sku_id": sku,
        "marketplace": MARKETS[sku % 2],
        "revenue_net": revenue,
        "cogs": revenue * 0.6,
        "gross_profit": revenue * (0.25 if day.day % 5 else -0.4),
        "refunds": revenue / 50,
        "delivery_cost": revenue / 20,
        "promo_cost": revenue / 30,
        "commissions": revenue * scale.rate / 100,
        "writeoffs": 0,
    }


def jobs(scale: Scale) -> list[str]:
    """Those that it has besides SoVAni's own."""
    return [f"{scale.job}_{n}" if n else scale.job for n in range(scale.jobs)]


def _job(scale: Scale, name: str, day: date) -> dict[str, object]:
    failed = day.day % 6 == 0
    hour = "03:00:00" if name.startswith("recalc") else "02:00:00"
    return {
        "job_name": name,
        "started_at": f"{day} {hour}",
        "finished_at": f"{day} {hour}",
        "status": "failed" if failed else "success",
        "duration_seconds": 42.5,
        "error_message": scale.error if failed else None,
    }
