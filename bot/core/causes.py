"""Why commissions are off: a suggestion for each group of outliers, from their pattern. Pure.

A new rate shifts all articles of a category alike, a new category shifts one article alike on
all its days, a fee hits single sales, and a missing rule leaves nothing to compare with.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from statistics import median
from typing import Final


class Cause(StrEnum):
    RATE = "rate"
    CATEGORY = "category"
    FEE = "fee"
    RULE = "rule"
    UNCLEAR = "unclear"


LABELS: Final = {  # of the buttons that confirm one; gettext messages
    Cause.RATE: "Rate changed",
    Cause.CATEGORY: "Other category",
    Cause.FEE: "One-off fee",
    Cause.RULE: "Rule missing",
}
STEADY: Final = 0.6  # of an article's sales are off: it is no exception
ALIKE: Final = 3.0  # points of deviation that still count as the same
MANY: Final = 3  # articles that shift together
MOST: Final = 0.6  # of a category's articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One SKU's sales of some days. `low` and `high`: its outliers' deviations in percent."""

    marketplace: str
    category: str
    article: str
    sales: int
    judged: int  # those that a rule covers
    off: int
    low_pct: float = 0.0
    high_pct: float = 0.0
    stake_rub: float = 0.0
    over_rub: float = 0.0  # more than the rules say; below zero: less

    @property
    def steady(self) -> bool:
        return self.off >= STEADY * self.judged and self.high_pct - self.low_pct <= ALIKE

    @property
    def middle_pct(self) -> float:
        return (self.low_pct + self.high_pct) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Articles with the same suggested cause. `shift_pct` where all are off by the same."""

    cause: Cause
    marketplace: str
    category: str
    articles: Sequence[str]
    stake_rub: float
    shift_pct: float | None = None


def suggest(articles: Iterable[Article]) -> list[Group]:
    """All groups, the most roubles at stake first; those without a rule have none."""
    shelves: dict[tuple[str, str], list[Article]] = defaultdict(list)
    for one in articles:
        shelves[one.marketplace, one.category].append(one)
    groups = [group for shelf in shelves.values() for group in _shelf(shelf)]
    return sorted(groups, key=lambda one: (-one.stake_rub, one.marketplace, one.category))


def _shelf(shelf: Sequence[Article]) -> list[Group]:
    judged = [one for one in shelf if one.judged]
    off = [one for one in judged if one.off]
    steady = [one for one in off if one.steady and one.judged > 1]
    together = _together(steady, len(judged))
    moved = [one for one in steady if one not in together]
    rest = [one for one in off if one not in steady]
    fees = [one for one in rest if one.over_rub > 0 and one.off < STEADY * one.judged]
    unclear = [one for one in rest if one not in fees]
    without = [one for one in shelf if one.judged < one.sales]
    found = [
        _group(Cause.RATE, together, median([one.middle_pct for one in together] or [0.0])),
        _group(Cause.CATEGORY, moved, moved[0].middle_pct if len(moved) == 1 else None),
        _group(Cause.FEE, fees),
        _group(Cause.UNCLEAR, unclear),
        _group(Cause.RULE, without),
    ]
    return [one for one in found if one is not None]


def _together(steady: Sequence[Article], judged: int) -> list[Article]:
    """Those that are off by about the same, if they are most of the category."""
    if len(steady) < MANY:
        return []
    middle = median(one.middle_pct for one in steady)
    same = [one for one in steady if abs(one.middle_pct - middle) <= ALIKE]
    return same if len(same) >= max(MANY, MOST * judged) else []


def _group(cause: Cause, articles: Sequence[Article], shift: float | None = None) -> Group | None:
    if not articles:
        return None
    worst = sorted(articles, key=lambda one: (-one.stake_rub, one.article))
    stake = 0.0 if cause is Cause.RULE else fsum(one.stake_rub for one in articles)
    return Group(
        cause=cause,
        marketplace=articles[0].marketplace,
        category=articles[0].category,
        articles=[one.article for one in worst],
        stake_rub=round(stake, 2),
        shift_pct=None if shift is None else round(shift, 1),
    )
