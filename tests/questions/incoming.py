"""Sales that stop coming in, a collector that fails, and marketplaces that slow us down."""

from datetime import date, timedelta
from typing import Any

from bot.core.model import Json
from bot.core.series import Sample as Kept
from bot.core.tools import Sample
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON
from tests.questions import numbers

DUE = date(2026, 11, 22)
ONE_DAY = timedelta(days=1)
FIRST = "2026-10-18"  # five weeks before it
MISSED = {"WB": 3, "OZON": 0}  # days without data, up to the due one


def days() -> list[dict[str, Any]]:
    return [
        {"marketplace": name, "day": (DUE - n * ONE_DAY).isoformat(), "there": n >= missed}
        for name, missed in MISSED.items()
        for n in range(36)
    ]


def counts() -> list[dict[str, Any]]:
    """Rows of the due day's weekday; WB has none of this week."""
    usual = [
        {"marketplace": name, "week": week, "total": 12_340 + week}
        for name in MISSED
        for week in range(1, 6)
    ]
    return [*usual, {"marketplace": "OZON", "week": 0, "total": 1_234}]


def by_day() -> list[dict[str, Any]]:
    return [
        {
            "marketplace": name,
            "day": (DUE - n * ONE_DAY).isoformat(),
            "total": 1_234 if name == "OZON" and not n else 12_345 - n,
        }
        for name, missed in MISSED.items()
        for n in range(missed, 60)
    ]


def rounds(tx: SqlTx) -> None:
    """A day of the ingest check: WB is limited in one hour, and nobody looked in another."""
    kept = []
    for ago in range(0, 24 * 60, 10):
        if 300 <= ago <= 360:
            continue
        at = NOON - timedelta(minutes=ago)
        limited = 40.0 + ago % 60 if 120 <= ago < 240 else 0.0
        kept.append(
            (
                at,
                [
                    Kept("check_ingest_success_rate.calls", "WB", 100.0),
                    Kept("check_ingest_success_rate.calls_limited", "WB", limited),
                    Kept("check_ingest_success_rate.calls", "OZON", 20.0),
                    Kept("check_ingest_success_rate.calls_limited", "OZON", 0.0),
                ],
            )
        )
    numbers.keep(tx, kept)


METRICS = [
    Sample("wb_rate_limit_remaining", {"method": "/api/v1/supplier/sales"}, 1),
    Sample("rate_limit_hits_total", {"service": "wb", "reason": "a rather long reason <b>"}, 1234),
    Sample(
        "external_api_requests_total", {"service": "wb", "endpoint": "/s", "status": "429"}, 1201
    ),
    Sample("external_api_requests_total", {"service": "wb", "endpoint": "/s", "status": "200"}, 9),
    *(
        Sample(
            "page_views_total",
            {"method": "GET", "endpoint": f"/api/v1/page/{n}"},
            round(12_345_678 / (n + 1)),
        )
        for n in range(30)
    ),
]
HEALTH: dict[str, Json] = {
    "alive": "healthy",
    "ready": False,
    "checks": {"database": "ok", "disk": "low: 3 % free <b>", "memory": "healthy"},
}
