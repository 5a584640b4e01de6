"""Reading what a database of unknown tidiness holds: a value that makes no sense is None."""

from datetime import date

from bot.core.model import Scalar
from bot.core.values import count, moment, number, roubles

__all__ = ["count", "day", "moment", "number", "roubles"]


def day(value: Scalar) -> date | None:
    """Read "2026-11-22", also where a time follows it."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
