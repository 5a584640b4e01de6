"""Request times by endpoint, day by day: what came between one round and the next, added up.

Eight days are kept, each under a name that comes back after them: whatever happens, they stay as
large as they are now. A round writes today's alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from bot.core import histogram
from bot.core.histogram import Buckets
from bot.core.model import Moment
from bot.core.tools import Memory, Tools
from checks._memory import recall, remember
from checks._scrapes import Scrape

KEY: Final = "api_latency_p95:routes:"
DAYS: Final = 7  # whole ones, and today
MOST: Final = 100  # endpoints of a day, those with the most requests


class Day(BaseModel, frozen=True):
    """`since`: when it was first looked at; None: never."""

    day: date | None = None
    since: AwareDatetime | None = None
    routes: dict[str, dict[str, float]] = {}


_SHAPE: Final = TypeAdapter(Day)


async def add(memory: Memory, at: Moment, earlier: Sequence[Scrape], now: Scrape) -> None:
    """Count what came since the last look; of the first one it is not known when that came."""
    if not earlier:
        return
    key = _key(at.today)
    kept = await recall(memory, key, _SHAPE, Day())
    if kept.day != at.today:
        kept = Day(day=at.today, since=earlier[-1].at)
    routes = _sum(kept.routes, histogram.delta(earlier[-1].buckets, now.buckets))
    await remember(memory, key, _SHAPE, kept.model_copy(update={"routes": _most_asked(routes)}))


async def week(tools: Tools, at: Moment) -> Day:
    """All that is kept of today and the seven days before it; `since` the oldest of them."""
    whole = Day()
    for ago in range(DAYS, -1, -1):
        day = at.today - timedelta(days=ago)
        kept = await recall(tools.memory, _key(day), _SHAPE, Day())
        if kept.day == day:
            whole = Day(
                day=day, since=whole.since or kept.since, routes=_sum(whole.routes, kept.routes)
            )
    return whole


def _key(day: date) -> str:
    return f"{KEY}{day.toordinal() % (DAYS + 1)}"


def _sum(one: Buckets, other: Buckets) -> dict[str, dict[str, float]]:
    """By endpoint; one that cannot be counted, or has other buckets now, begins anew."""
    found = {name: dict(counts) for name, counts in one.items()}
    for name, counts in other.items():
        if any(count < 0 for count in counts.values()):
            continue
        before = found.get(name, {})
        same = before.keys() == counts.keys()
        found[name] = {
            le: round(count + (before[le] if same else 0), 3) for le, count in counts.items()
        }
    return found


def _most_asked(routes: Mapping[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    asked = {name: counts for name, counts in routes.items() if histogram.requests(counts)}
    most = sorted(asked, key=lambda name: -histogram.requests(asked[name]))[:MOST]
    return {name: asked[name] for name in most}
