"""What `daily_sales` holds of each marketplace: the due day, the usual, the last two weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

from bot.core.model import Row
from bot.core.tools import Tools
from checks._values import count

NEEDS: Final = {"daily_sales": ["d", "sku_id"], "sku": ["id", "marketplace"]}
STRIP_DAYS: Final = 14
WEEK: Final = 7
USUAL_WEEKS: Final = 5
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What the table holds of one marketplace.

    `strip` tells for each of the last days up to `due` whether there is any row, oldest
    first; `rows` counts those of `due`, `usual` the median of the same weekday before it,
    None where the marketplace has not sold for a week.
    """

    due: date
    rows: int
    usual: float | None
    strip: Sequence[bool]

    @property
    def missing_days(self) -> int:
        return next((i for i, there in enumerate(reversed(self.strip)) if there), len(self.strip))

    @property
    def last_day(self) -> date | None:
        gone = self.missing_days
        return None if gone == len(self.strip) else self.due - gone * ONE_DAY

    @property
    def collected_pct(self) -> float:
        """Days of the last week with rows, of those whose weekday had any the week before."""
        week, before = self.strip[-WEEK:], self.strip[-2 * WEEK : -WEEK]
        missed = sum(1 for now, then in zip(week, before, strict=True) if then and not now)
        return round(100 * (len(week) - missed) / len(week), 1)

    def is_thin(self, pct: float) -> bool:
        """Tell a day with far fewer rows than usual."""
        return self.usual is not None and self.rows < self.usual * pct / 100

    @property
    def is_quiet(self) -> bool:
        """Nothing, and nothing usually: a small seller's Sunday, as long as it is one."""
        return not self.rows and self.usual == 0 and self.missing_days == 1


async def read(tools: Tools, due: date) -> dict[str, Sales]:
    """By marketplace, of those that have any SKU."""
    await tools.shop.require(NEEDS)
    span = {"first": due - USUAL_WEEKS * WEEK * ONE_DAY, "until": due + ONE_DAY}
    usual_binds = {f"w{i}": (due - i * timedelta(weeks=1)) for i in range(USUAL_WEEKS + 1)}
    usual_binds |= {f"after_{name}": day + ONE_DAY for name, day in usual_binds.items()}
    days = await tools.shop.rows("ingest_success_rate/days.sql.j2", **_texts(span))
    counts = await tools.shop.rows("ingest_success_rate/counts.sql.j2", **_texts(usual_binds))
    return sales_of(due, days, counts)


def _texts(days: Mapping[str, date]) -> dict[str, str]:
    return {name: day.isoformat() for name, day in days.items()}


def sales_of(due: date, days: Sequence[Row], counts: Sequence[Row]) -> dict[str, Sales]:
    """`days`: marketplace, day, there. `counts`: marketplace, week, total."""
    there: dict[str, set[str]] = {}
    for row in days:
        kept = there.setdefault(str(row["marketplace"]), set())
        if row["there"]:
            kept.add(str(row["day"]))
    rows = {(str(row["marketplace"]), count(row["week"])): count(row["total"]) for row in counts}
    return {
        name: Sales(
            due=due,
            rows=rows.get((name, 0), 0),
            usual=_usual(name, due, min(kept, default=None), rows),
            strip=[(due - n * ONE_DAY).isoformat() in kept for n in reversed(range(STRIP_DAYS))],
        )
        for name, kept in there.items()
    }


def _usual(
    name: str, due: date, began: str | None, rows: Mapping[tuple[str, int], int]
) -> float | None:
    """Weeks before the first sale say nothing; None: there is no such weekday since."""
    weeks = [
        week
        for week in range(1, USUAL_WEEKS + 1)
        if began is not None and (due - week * WEEK * ONE_DAY).isoformat() >= began
    ]
    return median(rows.get((name, week), 0) for week in weeks) if weeks else None
