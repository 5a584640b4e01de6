"""Whether a commission rule still holds on its `effective_until`. Each shop's own data says.

SoVAni's documents do not. Where one place took the day for the last one and another for the first
one after, a sale of the day a rate changes would have two rules, or none.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core.tools import ShopDatabase

ONE_DAY: Final = timedelta(days=1)
_CALL: Final = r"(?:(?:COALESCE|IFNULL)\s*\(\s*)?"
_COLUMN: Final = r"[\w.\"]*effective_until\b\"?"
_UP_TO: Final = re.compile(
    rf"(<=?)\s*{_CALL}{_COLUMN}|{_COLUMN}(?:\s*,[^()]*\))?\s*(>=?)", re.IGNORECASE
)
_BETWEEN: Final = re.compile(rf"\bBETWEEN\s+\S+\s+AND\s+{_CALL}{_COLUMN}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ends:
    """`held`: `effective_until` is the last day of a rule; else the first day without it."""

    held: bool = False

    def last_day(self, until: date) -> date:
        return until if self.held else until - ONE_DAY

    def before(self, start: date) -> date:
        """Name the `effective_until` of a rule that another one follows from `start` on."""
        return start - ONE_DAY if self.held else start


async def read(shop: ShopDatabase) -> Ends:
    """What the view does with the day; else how the rules follow each other; else exclusive."""
    for row in await shop.rows("rates/view.sql.j2"):
        told = _told(str(row["sql"] or ""))
        if told is not None:
            return Ends(told)
    for row in await shop.rows("rates/joints.sql.j2"):
        return Ends(int(row["day_apart"] or 0) > int(row["same_day"] or 0))
    return Ends()


def _told(sql: str) -> bool | None:
    """Whether a view's condition takes the day in; None where it has none, or two that differ."""
    signs = {left or right for left, right in _UP_TO.findall(sql)}
    held = bool(signs & {"<=", ">="} or _BETWEEN.search(sql))
    over = bool(signs & {"<", ">"})
    return held if held != over else None
