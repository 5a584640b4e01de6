"""Numbers of a database of unknown tidiness: what makes no sense is None."""

import math

from bot.core.model import Json, Row, Scalar


def number(value: object) -> float | None:
    """Read a finite number, also one that was stored as text."""
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def roubles(value: object) -> float:
    return round(number(value) or 0.0, 2)


def text(value: Scalar) -> str:
    return "" if value is None else str(value)


def rows(value: Json) -> list[Row]:
    """A list of plain mappings among facts, as the rows of a table."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
