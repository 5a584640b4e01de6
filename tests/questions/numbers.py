"""Weeks of kept rounds and of runs, with a bad stretch in each: what charts and reports show."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.core.series import Sample
from bot.core.tools import Sample as ApiSample
from bot.edges.store.schema import series, series_names
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON

MINUTES = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)
MISSED = date(2026, 11, 20)


def keep(tx: SqlTx, rounds: Sequence[tuple[datetime, Sequence[Sample]]]) -> None:
    """As many calls of `tx.series.keep` would, but in no time."""
    names = sorted({(one.name, one.subject) for _, samples in rounds for one in samples})
    ids = {key: n for n, key in enumerate(names, start=1)}
    tx.connection.execute(
        insert(series_names),
        [{"id": ids[key], "name": key[0], "subject": key[1]} for key in names],
    )
    tx.connection.execute(
        insert(series),
        [
            {
                "series_id": ids[one.name, one.subject],
                "seconds": 60,
                "at": int(at.timestamp()),
                "rounds": 1,
                "known": int(one.value is not None),
                "mean": one.value,
                "top": one.value,
            }
            for at, samples in rounds
            for one in samples
        ],
    )


def rounds(tx: SqlTx) -> None:
    """Five days of rounds: idle before six in the morning, slow for forty minutes last evening.

    The database grows by 12 MB a day, but was vacuumed once.
    """
    slow_from = NOON - timedelta(hours=16)
    times = [NOON - n * MINUTES for n in range(1, 5 * 288)]
    looks = [(at, _latency(at, slow=slow_from <= at < slow_from + 8 * MINUTES)) for at in times]
    keep(tx, looks + [(NOON - n * ONE_DAY, _size(n)) for n in range(90)])


def _size(days_ago: int) -> list[Sample]:
    vacuumed = 2_500_000_000.0 if days_ago < 40 else 0.0
    total = 8_600_000_000.0 - 12_000_000 * days_ago + 2_500_000_000 - vacuumed
    growth, commissions, place = "check_db_growth", "check_commission_outliers", "shop database"
    return [
        Sample(f"{growth}.total_bytes", place, total),
        Sample(f"{growth}.tables:daily_sales", place, 6.1e9 - 9e6 * days_ago),
        Sample(f"{growth}.tables:a_table_with_quite_a_long_name", place, 9e8 - 3e6 * days_ago),
        Sample(f"{growth}.tables:sku", place, 5e6),
        Sample(f"{commissions}.at_stake_rub", "OZON", 98_765_432.0 - 123_456 * days_ago),
        Sample(f"{commissions}.outliers", "OZON", 1200.0 - days_ago),
        Sample(f"{commissions}.at_stake_rub", "WB", 1_500.0 + 10 * days_ago),
        Sample(f"{commissions}.outliers", "WB", 3.0),
    ]


def sold(days: int = 90) -> list[dict[str, Any]]:
    first = date(2026, 8, 25)
    return [
        {
            "day": (first + timedelta(days=n)).isoformat(),
            "marketplace": name,
            "sales_rub": 1_000_000.0 + 50_000 * (n * 7919 % 13),
        }
        for n in range(days)
        for name in ("OZON", "WB")
    ]


def _latency(at: datetime, *, slow: bool) -> list[Sample]:
    name, subject = "check_api_latency_p95", "web API"
    if at.hour < 6:
        return [Sample(f"{name}.status", subject, None)]
    buckets = {"0.5": 60, "1.0": 80 if slow else 118, "2.5": 100 if slow else 120, "+Inf": 120}
    return [
        Sample(f"{name}.status", subject, float(not slow)),
        Sample(f"{name}.p95_ms", subject, 2450.0 if slow else 640.0 + at.hour),
        Sample(f"{name}.requests", subject, 120.0),
        *(Sample(f"{name}.buckets:{le}", subject, float(n)) for le, n in buckets.items()),
    ]


def days(count: int = 60) -> list[dict[str, Any]]:
    """Of a marketplace that misses one day."""
    last = date(2026, 11, 22)
    return [
        {
            "marketplace": name,
            "day": (last - n * ONE_DAY).isoformat(),
            "there": not (name == "OZON" and last - n * ONE_DAY == MISSED),
        }
        for name in ("OZON", "WB")
        for n in range(count)
    ]


def runs(count: int = 60, hour: int = 2) -> list[dict[str, Any]]:
    """Of a job at night, the newest first: one failed, one ran on and on."""
    rows = []
    for n in range(count):
        started = datetime(2026, 11, 23, hour) - n * ONE_DAY  # noqa: DTZ001  # as the table has it
        seconds = 412.0 if n == 3 else 38.5 + n % 7
        failed = n == 9 - hour
        rows.append(
            {
                "started_at": str(started),
                "finished_at": str(started + timedelta(seconds=seconds)),
                "status": "failed" if failed else "success",
                "duration_seconds": seconds,
                "error_message": "429 Too Many Requests <wb>" if failed else None,
            }
        )
    return rows


def runs_of(job: str, **_binds: object) -> list[dict[str, Any]]:
    return runs(hour=3) if job == "recalc_recent_metrics" else runs()


ENDPOINTS = {  # requests by how long they took, in seconds, and how many failed
    "/api/v1/sales": ({0.1: 900, 2.0: 12}, 0),
    "/api/v1/inventory/snapshot-by-warehouse": ({0.5: 100, 2.0: 300, 12.0: 40}, 31),
    "/api/v1/pnl": ({0.5: 30, 1.0: 30, 5.0: 3}, 1),
}
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))


def metrics() -> list[ApiSample]:
    """What a web API shows that is slow where it counts no hits of its cache."""
    found = []
    for endpoint, (took, failed) in ENDPOINTS.items():
        labels = {"method": "GET", "endpoint": endpoint}
        for bound in BOUNDS:
            fast = sum(count for seconds, count in took.items() if seconds <= bound)
            le = "+Inf" if bound == float("inf") else str(bound)
            bucket = {**labels, "le": le}
            found.append(ApiSample("http_request_duration_seconds_bucket", bucket, float(fast)))
        good = float(sum(took.values()) - failed)
        found += [
            ApiSample("http_requests_total", {**labels, "status": "200"}, good),
            ApiSample("http_requests_total", {**labels, "status": "500"}, float(failed)),
        ]
    return [
        *found,
        ApiSample("cache_hits_total", {"endpoint": "/api/v1/sales"}, 730.0),
        ApiSample("cache_misses_total", {"endpoint": "/api/v1/sales"}, 170.0),
    ]
