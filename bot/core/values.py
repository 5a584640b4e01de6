"""Values of a database of unknown tidiness: what makes no sense is None."""

from datetime import UTC, datetime
from typing import Final

MOST: Final = 1e100  # nobody has so much of anything, and sums of more overflow


def number(value: object) -> float | None:
    """Read a number, also one that was stored as text; None: none, or one beyond all sense."""
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        return None
    return found if abs(found) <= MOST else None


def count(value: object) -> int:
    """Read a `COUNT`, or a `SUM`, which is NULL over no rows."""
    return int(number(value) or 0)


def roubles(value: object) -> float:
    return round(number(value) or 0.0, 2)


def moment(value: object) -> datetime | None:
    """Read a time in UTC; the shop's tables keep it without a zone."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
