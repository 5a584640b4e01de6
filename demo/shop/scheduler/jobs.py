"""The two nightly jobs, as functions of the database and the time."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from demo.shop.clock import business_yesterday
from demo.shop.data import catalog as shelf
from demo.shop.data import extras, money, sales
from demo.shop.data.catalog import MARKETPLACES
from demo.shop.database import writing
from demo.shop.settings import Settings

RECENT_DAYS = 7
LONGEST_GAP = 31  # days that one run collects at most
Details: TypeAlias = Mapping[str, object]


class JobFailed(Exception):  # noqa: N818  # an outcome of a job
    def __init__(self, message: str, details: Details) -> None:
        super().__init__(message)
        self.details = details


def collect_yesterday_data(settings: Settings, now: datetime) -> Details:
    """Collect each day up to yesterday that a marketplace has no sales for."""
    yesterday = business_yesterday(now, settings.zone)
    lost = settings.session_lost.exists()
    added = {name: _collect(settings, name, yesterday) for name in _reachable(lost)}
    details = {
        "day": yesterday.isoformat(),
        "added": added,
        "requests": {"wb": {"401": 1} if lost else {"200": 3}, "ozon": {"200": 2}},
    }
    if lost:
        raise JobFailed("WB: 401 Unauthorized: the session has expired", details)
    return details


def collect_day(settings: Settings, day: date) -> Details:
    """Collect one day again; what is there stays as it is."""
    lost = settings.session_lost.exists()
    added = {}
    with writing(settings.database) as connection:
        catalog = shelf.load(connection)
        for name in _reachable(lost):
            missing = name in sales.missing(connection, day)
            added[name] = sales.collect(connection, catalog, name, day) if missing else 0
    if lost:
        raise JobFailed(
            "WB: 401 Unauthorized: the session has expired", {"added": added, "day": str(day)}
        )
    return {"day": str(day), "added": added}


def recalc_recent_metrics(settings: Settings, now: datetime) -> Details:
    return recalc_days(settings, now, RECENT_DAYS)


def recalc_days(settings: Settings, now: datetime, days: int) -> Details:
    """Recompute cash flow and profit of the last days, except what was entered by hand."""
    yesterday = business_yesterday(now, settings.zone)
    first = yesterday - timedelta(days=days - 1)
    with writing(settings.database) as connection:
        money.recalc_cash(connection, first, yesterday)
        money.recalc_pnl(connection, first, yesterday)
    return {"days": days}


JOBS: Mapping[str, Callable[[Settings, datetime], Details]] = {
    "collect_yesterday_data": collect_yesterday_data,
    "recalc_recent_metrics": recalc_recent_metrics,
}


def _reachable(session_lost: bool) -> list[str]:  # noqa: FBT001  # one flag, one caller
    return [name for name in MARKETPLACES if not (session_lost and name == "WB")]


def _collect(settings: Settings, marketplace: str, yesterday: date) -> int:
    """Collect backwards from yesterday to the last day that has sales."""
    added = 0
    with writing(settings.database) as connection:
        catalog = shelf.load(connection)
        for number in range(LONGEST_GAP):
            day = yesterday - timedelta(days=number)
            if marketplace not in sales.missing(connection, day):
                break
            added += sales.collect(connection, catalog, marketplace, day)
            extras.write_stock(connection, catalog, day)
            extras.write_reviews(connection, catalog, day)
    return added
