"""The one clock; everybody else is given the time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # this is the one place
