"""Kept numbers as the lines of a chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.model import Moment
from bot.core.question import Asking
from bot.core.series import Stretch


@dataclass(frozen=True, slots=True)
class Line:
    """A value for each place on the axis; NaN where none is known, which makes a gap."""

    places: Sequence[str]
    values: Sequence[float]

    @property
    def known(self) -> int:
        return sum(1 for one in self.values if math.isfinite(one))


async def stretches(
    asking: Asking, name: str, subject: str, *, span: timedelta, seconds: int
) -> list[Stretch]:
    """`name` as `bot.core.series.name_of` makes it."""
    until = asking.moment.now + timedelta(seconds=1)  # what was kept this very minute is there
    since = until - span
    return list(
        await asking.store.read(
            lambda tx: tx.series.stretches(
                name, subject, since=since, until=until, seconds=seconds
            )
        )
    )


def by_time(found: Sequence[Stretch], at: Moment, *, span: timedelta, seconds: int) -> Line:
    """The worst of each stretch, at its local time ("2026-11-22T14:15")."""
    tops = {one.at: one.top for one in found}
    end = int(at.now.timestamp()) // seconds * seconds
    starts = range(end - int(span.total_seconds()) + seconds, end + 1, seconds)
    values = [tops.get(start) for start in starts]
    times = [datetime.fromtimestamp(start, at.zone).replace(tzinfo=None) for start in starts]
    return Line(
        places=[time.isoformat(timespec="minutes") for time in times],
        values=[math.nan if value is None else value for value in values],
    )


def by_day(found: Sequence[Stretch], at: Moment, days: int) -> Line:
    """The last known value of each business day."""
    last: dict[str, float] = {}
    for one in found:
        if one.mean is not None:
            day = datetime.fromtimestamp(one.at, at.zone).date().isoformat()
            last[day] = one.mean
    names = [(at.today - timedelta(days=n)).isoformat() for n in reversed(range(days))]
    return Line(places=names, values=[last.get(name, math.nan) for name in names])
