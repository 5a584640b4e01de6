"""Earlier scrapes of a counter, kept so that a difference covers about the window. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from bot.core.histogram import Buckets, delta, total
from checks._traffic import Count

THINNEST = 10  # no more than about this many scrapes a window are kept
TOO_OLD = 3  # windows after which an earlier scrape says nothing about now


class Scrape(BaseModel, frozen=True):
    at: AwareDatetime
    buckets: dict[str, dict[str, float]]
    errors: dict[str, Count] = {}  # of requests, by endpoint; older releases kept none
    cache: dict[str, Count] = {}
    timeouts: float | None = None


SHAPE = TypeAdapter(list[Scrape])


def usable(scrapes: Sequence[Scrape], now: datetime, window: timedelta) -> list[Scrape]:
    """Those that still tell about the window, oldest first: its inside and one before it."""
    recent = [s for s in scrapes if timedelta(0) < now - s.at <= TOO_OLD * window]
    inside = [s for s in recent if now - s.at < window]
    return [*recent[: len(recent) - len(inside)][-1:], *inside]


def with_latest(scrapes: Sequence[Scrape], latest: Scrape, window: timedelta) -> list[Scrape]:
    """Add the latest; while scrapes come thick and fast it takes the place of the one before."""
    thick = len(scrapes) > 1 and scrapes[-1].at - scrapes[-2].at < window / THINNEST
    return [*(scrapes[:-1] if thick else scrapes), latest]


def over_window(scrapes: Sequence[Scrape], now: datetime, window: timedelta) -> Scrape:
    """Pick the scrape nearest to one window ago."""
    return min(scrapes, key=lambda one: abs(now - one.at - window))


def since_recovery(scrapes: Sequence[Scrape], latest: Buckets, enough: int) -> Scrape | None:
    """Pick the newest scrape with enough requests since: a repair shows there first."""
    for one in reversed(scrapes):
        if total(delta(one.buckets, latest)) >= enough:
            return one
    return None
