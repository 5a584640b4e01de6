"""Service levels: how often a promise was kept, what may still go wrong, how fast that is spent.

Everything is made of slices: a day whose sales came in, a run that was on time, the rounds of an
hour. What is not known is a part of its own and counts for nothing: neither as good nor as bad.
The error budget is the share of misses that the target allows of what is known; a burn rate of 1
spends it exactly by the end of the period (the SRE workbook, chapter 5). Pure.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.core.model import Phrase
from bot.core.series import Stretch
from bot.core.tools import Tools

_HOUR: Final = timedelta(hours=1)
FEWEST: Final = 6  # known events, below which a burn rate says more about chance than about us


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What became of the promise at one time; parts of a round where rounds are summed up."""

    at: datetime
    subject: str
    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0


Events: TypeAlias = Callable[[Tools, datetime, datetime, ZoneInfo], Awaitable[Sequence[Slice]]]
P95: TypeAlias = Callable[
    [Tools, datetime, datetime, Mapping[str, float]], Awaitable[float | None]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What a check promises, beside its alerts.

    `events` reads the shop for what was due between two times: days, runs. Without it the rounds
    about `subject` are counted, as they were kept. `p95` is of an objective about time: from the
    sums of its `buckets` and the tools it reads the quantile of a whole period in milliseconds.
    """

    name: str  # as people type it: "ingest"
    target_pct: float
    events: Events | None = None
    subject: str = ""
    limit_ms: float | None = None
    p95: P95 | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0

    @property
    def known(self) -> float:
        return self.good + self.bad

    @property
    def pct(self) -> float | None:
        """The share of good ones among what is known, never rounded up to a target it missed."""
        return math.floor(10_000 * self.good / self.known + 1e-6) / 100 if self.known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Misses: `allowed` by the target, `used` so far; `left_pct` is below zero once overspent."""

    allowed: float
    used: float

    @property
    def whole(self) -> int:
        """Whole misses: half a miss cannot be had."""
        return math.floor(self.allowed + 1e-6)

    @property
    def left_pct(self) -> float:
        if not self.used:
            return 100.0
        return 100 * (1 - self.used / self.allowed) if self.allowed else -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """`rate` None: too little is known of these hours. `fast` ones are worth a look now."""

    hours: int
    rate: float | None
    fast: bool


# Long windows of the workbook's table with the rate that is worth a page, or a ticket.
WINDOWS: Final = ((1, 14.4), (6, 6.0), (72, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One objective over a period. `why`: nothing could be read, and all of it is unknown.

    `off` is the setting that switches its check off: nothing is promised, and nothing counted.
    """

    name: str
    title: str
    target_pct: float
    tally: Tally
    subjects: Mapping[str, Tally]
    budget: Budget
    burns: Sequence[Burn]
    left_by_day: Sequence[float]
    p95_ms: float | None = None
    limit_ms: float | None = None
    why: Phrase | None = None
    off: str | None = None

    @property
    def passed(self) -> bool | None:
        """None: not known."""
        return None if self.tally.pct is None else self.budget.left_pct >= 0


def tally(slices: Iterable[Slice]) -> Tally:
    good = bad = unknown = 0.0
    for one in slices:
        good, bad, unknown = good + one.good, bad + one.bad, unknown + one.unknown
    return Tally(good, bad, unknown)


def by_subject(slices: Sequence[Slice]) -> dict[str, Tally]:
    names = sorted({one.subject for one in slices})
    return {name: tally(one for one in slices if one.subject == name) for name in names}


def budget(found: Tally, target_pct: float) -> Budget:
    return Budget(allowed=found.known * (100 - target_pct) / 100, used=found.bad)


def burns(slices: Sequence[Slice], target_pct: float, now: datetime) -> list[Burn]:
    found = []
    for hours, limit in WINDOWS:
        lately = tally(one for one in slices if timedelta(0) <= now - one.at < hours * _HOUR)
        rate = burn(lately, target_pct)
        found.append(Burn(hours=hours, rate=rate, fast=rate is not None and rate >= limit))
    return found


def burn(lately: Tally, target_pct: float) -> float | None:
    """How many times faster than the target allows it is missed."""
    if lately.known < FEWEST or target_pct >= 100:  # noqa: PLR2004  # per cent
        return None
    return lately.bad / lately.known / (1 - target_pct / 100)


def left_by_day(
    slices: Sequence[Slice], days: Sequence[date], target_pct: float, zone: ZoneInfo
) -> list[float]:
    """How much of the period's budget was left at the end of each day, from -100 to 100 %.

    The budget is the whole period's: what is spent stays spent, and unknown days spend nothing.
    """
    allowed = budget(tally(slices), target_pct).allowed
    spent = dict.fromkeys(days, 0.0)
    for one in slices:
        day = one.at.astimezone(zone).date()
        if day in spent:
            spent[day] += one.bad
    left, used = [], 0.0
    for day in days:
        used += spent[day]
        left.append(max(-100.0, Budget(allowed=allowed, used=used).left_pct))
    return left


def of_rounds(  # noqa: PLR0913  # a span, a pace and a width
    stretches: Sequence[Stretch],
    subject: str,
    *,
    since: datetime,
    until: datetime,
    seconds: int,
    every: timedelta,
) -> list[Slice]:
    """Slices of kept rounds, one for each stretch of `seconds`, also where nothing was kept.

    A stretch has so many rounds as fit into it at the usual pace: more of them weigh no more,
    and those that are missing are unknown (the assistant stood still).
    """
    found = {one.at: one for one in stretches}
    slices = []
    first, end = int(since.timestamp()) // seconds * seconds, until.timestamp()
    for at in range(first, math.ceil(end), seconds):
        due = (min(end, at + seconds) - at) / every.total_seconds()
        kept = found.get(at)
        known = kept.known * min(1.0, due / kept.rounds) if kept else 0.0
        good = known * (kept.mean or 0.0) if kept else 0.0
        slices.append(
            Slice(
                at=datetime.fromtimestamp(at, tz=since.tzinfo),
                subject=subject,
                good=good,
                bad=known - good,
                unknown=max(0.0, due - known),
            )
        )
    return slices
