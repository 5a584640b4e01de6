"""The demo's one look at the clock; everything else is given the time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the one place of the demo that may


def business_yesterday(now: datetime, zone: ZoneInfo) -> date:
    """Yesterday as the shop counts days, in `APP_TIMEZONE`."""
    return now.astimezone(zone).date() - timedelta(days=1)


def stamp(moment: datetime) -> str:
    """Write a time as SoVAni's tables hold it: UTC, naive, with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
