"""Reading what a database of unknown tidiness holds: a value that makes no sense is None."""

from datetime import UTC, date, datetime

from bot.core.model import Scalar
from bot.core.values import count, number, roubles

__all__ = ["count", "day", "moment", "number", "roubles"]


def day(value: Scalar) -> date | None:
    """Read "2026-11-22", also where a time follows it."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def moment(value: Scalar) -> datetime | None:
    """Read a time in UTC; the shop's tables keep it without a zone."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
