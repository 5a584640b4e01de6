"""How many days after a sale its money comes, as far as the tables can tell. Pure.

Sales and payouts are two series of daily sums. The number of days by which payouts follow sales
best is where their correlation is highest. Where nothing follows well, nothing is claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from statistics import StatisticsError, correlation
from typing import Final

LONGEST: Final = 35  # days after which a payout is no longer looked for
FEWEST_DAYS: Final = 28  # that both must have in common
CLEAR: Final = 0.6  # a weaker likeness is chance
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Lag:
    days: int
    likeness: float


def lag(sales: Sequence[float], inflows: Sequence[float]) -> Lag | None:
    """Both by day, oldest first, of the same days. None: it cannot be told from these."""
    if len(sales) != len(inflows):
        raise ValueError("sales and inflows are of the same days")
    if len(sales) < FEWEST_DAYS:
        return None
    if sum(1 for one in inflows if one) < len(inflows) / 2:  # paid by the week
        sales, inflows = _by_week(sales), _by_week(inflows)
    found = [
        Lag(days, likeness)
        for days in range(min(LONGEST, len(sales) - FEWEST_DAYS) + 1)
        if (likeness := _likeness(sales[: len(sales) - days], inflows[days:])) is not None
    ]
    best = max(found, key=lambda one: (round(one.likeness, 3), -one.days), default=None)
    return best if best and best.likeness >= CLEAR else None


def _likeness(before: Sequence[float], after: Sequence[float]) -> float | None:
    try:
        return correlation(before, after)
    except StatisticsError:  # too few, or always the same
        return None


def _by_week(values: Sequence[float]) -> list[float]:
    """Sums of the seven days up to each."""
    return [fsum(values[max(0, at - WEEK + 1) : at + 1]) for at in range(len(values))]
