"""Reading what a database of unknown tidiness holds: a value that makes no sense is None."""

import math
from datetime import UTC, date, datetime

from bot.core.model import Scalar


def number(value: Scalar) -> float | None:
    """Read a finite number, also one that was stored as text."""
    try:
        found = float(value if value is not None else "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def count(value: Scalar) -> int:
    """Read a `COUNT`, or a `SUM`, which is NULL over no rows."""
    return int(number(value) or 0)


def roubles(value: Scalar) -> float:
    return round(number(value) or 0.0, 2)


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
