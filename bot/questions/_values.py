"""Numbers of a database of unknown tidiness: what makes no sense is None."""

from bot.core.model import Json, Row, Scalar
from bot.core.values import count, number, roubles

__all__ = ["count", "number", "roubles", "rows", "text"]


def text(value: Scalar) -> str:
    return "" if value is None else str(value)


def rows(value: Json) -> list[Row]:
    """A list of plain mappings among facts, as the rows of a table."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
