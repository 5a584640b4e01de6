"""For how long rows of the shop's tables are wanted, and what is older. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core.model import Phrase

LONGEST: Final = 3650
OFF: Final = {"", "off", "no", "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`row_bytes`: what a row takes in a SQLite file, its indexes included, about."""

    column: str
    row_bytes: int
    fewest_days: int = 30
    archived: bool = False  # there is an action that moves its old rows into a file


TABLES: Final[Mapping[str, Table]] = {
    "daily_sales": Table(column="d", row_bytes=150, fewest_days=90, archived=True),
    "daily_stock": Table(column="d", row_bytes=100),
    "pnl_daily": Table(column="d", row_bytes=150),
    "job_runs": Table(column="started_at", row_bytes=200),
}


@dataclass(frozen=True, slots=True)
class Keep:
    """Rows of a table are wanted for so many days."""

    table: str
    days: int

    def __str__(self) -> str:
        return f"{self.table}={self.days}"

    def before(self, today: date) -> date:
        """Name the first day that is still wanted."""
        return today - timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """What is older. `rows` is `capped` where counting stopped; `why`: it cannot be counted."""

    keep: Keep
    before: date
    rows: int = 0
    capped: bool = False
    bytes: float = 0
    first: str | None = None  # the oldest day
    why: Phrase | None = None

    @property
    def archived(self) -> bool:
        return TABLES[self.keep.table].archived


def parse(text: str) -> tuple[Keep, ...]:
    """Read `daily_sales=180, job_runs=365`, or `off`; raise `ValueError` with what is wrong."""
    if text.strip().lower() in OFF:
        return ()
    found = tuple(_keep(part) for part in text.split(",") if part.strip())
    names = [one.table for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{min(twice)} is there twice")
    return found


def _keep(part: str) -> Keep:
    name, _, days = (word.strip() for word in part.partition("="))
    known = TABLES.get(name)
    if known is None:
        raise ValueError(f"{name[:40]!r} is none of {', '.join(TABLES)}")
    if not (days.isascii() and days.isdigit() and known.fewest_days <= int(days) <= LONGEST):
        raise ValueError(f"{name}: {days[:20]!r} is not {known.fewest_days} to {LONGEST} days")
    return Keep(name, int(days))
