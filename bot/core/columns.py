"""What the columns of an answer's table are. How they are written is a matter of the edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """How a value is written. All but `TEXT` stand at the right."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # roubles; the sign is in the title or below the table
    SIZE = "size"  # bytes
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"  # in APP_TIMEZONE
    SPAN = "span"  # seconds


@dataclass(frozen=True, slots=True)
class Column:
    """`key` of the row, `title` above it (a gettext message), and how it is written.

    A text that is too wide is cut, and keeps at least `least` signs.
    """

    key: str
    title: str = ""
    kind: Kind = Kind.TEXT
    least: int = 6

    @classmethod
    def of(cls, words: str) -> "Column":
        """`"rss|Memory|size"`, as templates name columns; title and kind may be left out."""
        key, title, kind, *_ = [*words.split("|"), "", ""]
        return cls(key, title, Kind(kind or "text"))


Columns: TypeAlias = Sequence[Column | str]
