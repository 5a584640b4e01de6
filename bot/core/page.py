"""What answers a question: a template with its values, and what goes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.keyboard import Keys
from bot.core.model import Phrase, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture: lines or bars over days, or over times of a day.

    NaN makes a gap in a line. `limit` is drawn as a dashed line with its value.

    `lines` and `bars` are keyed by the phrases that name them.
    """

    title: Phrase
    unit: str
    days: Sequence[str]  # "2026-11-22", or with the local time: "2026-11-22T14:15"
    lines: Mapping[str, Sequence[float]]
    bars: Mapping[str, Sequence[float]] = field(default_factory=dict)
    limit: float | None = None


class Sheet(StrEnum):
    """The kinds of files a table is sent as."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole result, for a file. Cells are made harmless for spreadsheets when written."""

    name: str
    rows: Sequence[Row]
    sheet: Sheet = Sheet.XLSX


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text too long for a message. `name` is the file's, with its ending."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """An answer that is kept up to date for a while; any button of it ends that."""

    seconds: float
    keys: Keys  # its buttons afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer: a template with its values, and what goes with it."""

    template: str
    values: Mapping[str, object]
    keys: Keys = field(default_factory=list)
    chart: Chart | None = None
    table: Table | None = None  # sent as a file, with the text under it
    files: bool = True  # offer the whole table as a file, where the command has one
    document: Document | None = None  # sent as a file after the text
    live: Live | None = None
