"""Results as Markdown: tables of figures, and bars that hold or are missed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first column is text, the others are figures."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def markdown(self) -> str:
        rule = ["---", *("--:" for _ in self.head[1:])]
        lines = ["| " + " | ".join(row) + " |" for row in (self.head, rule, *self.rows)]
        return "\n".join([*([self.caption, ""] if self.caption else []), *lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Something a release must keep to: `measured` against `limit`, in `unit`."""

    what: str
    measured: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        if self.at_least:
            return self.measured >= self.limit
        return self.measured <= self.limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        shown = figure(self.measured) + self.unit
        return [self.what, shown, f"{sign} {self.limit:g}{self.unit}", self.verdict]

    @property
    def verdict(self) -> str:
        return "holds" if self.holds else "**missed**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    title: str
    bars: Sequence[Bar]
    tables: Sequence[Table]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        bars = Table(head=["bar", "measured", "limit", ""], rows=[bar.row() for bar in self.bars])
        parts = [table.markdown() for table in (bars, *self.tables)]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n\n".join([*parts, *([notes] if notes else [])])


def figure(value: float) -> str:
    """Three significant digits, never an exponent."""
    magnitude = abs(value)
    if magnitude >= 100:  # noqa: PLR2004  # where three digits leave no decimals
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if magnitude >= 10 else f"{value:.2f}"  # noqa: PLR2004  # likewise
