"""What one look at the web API finds: its counters, against those of an earlier look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core import histogram
from bot.core.histogram import Buckets
from bot.core.model import Json, Moment, Phrase, phrase
from bot.core.tools import Tools
from checks import _failures
from checks._api_config import Config
from checks._latency import Latency, measured, watched
from checks._scrapes import Scrape, over_window, since_recovery, usable, with_latest
from checks._traffic import REQUESTS, Traffic, between, cache, errors

SCRAPES: Final = "api_latency_p95:scrapes"
LOOK_AGAIN_SEC: Final = 5
NO_TRAFFIC: Final = Traffic(errors={}, cache={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the API: figures with the time they cover, or why there are none."""

    latency: Latency | None = None
    window_sec: float = 0.0
    came: Buckets = field(default_factory=dict)
    traffic: Traffic = NO_TRAFFIC
    timeouts: float | None = None
    why: Phrase | None = None
    again_in: float | None = None

    @property
    def failures(self) -> dict[str, Json]:
        """What failed in that time; no alert of its own."""
        return _failures.facts(self.traffic.whole(self.traffic.errors), self.timeouts)


async def scrape(tools: Tools, at: Moment, config: Config) -> Scrape:
    """Read the histogram and, since one without requests is left out, all requests ever."""
    hits, misses = config.cache_hits_metric, config.cache_misses_metric
    names = [histogram.BUCKET_METRIC, REQUESTS, hits, misses, _failures.ERRORS]
    samples = await tools.web.scrape(names)
    return Scrape(
        at=at.now,
        buckets=watched(histogram.compact(samples), config.ignored_endpoints),
        errors=errors(samples, config.ignored_endpoints),
        cache=cache(samples, hits, misses),
        timeouts=_failures.timeouts(samples),
    )


def compare(
    earlier: Sequence[Scrape], now: Scrape, config: Config, *, recovering: bool
) -> tuple[list[Scrape], Look]:
    """Choose the scrapes to keep, and see what came between one of them and now.

    While slow, the newest stretch with enough requests is judged: a repair would else be
    hidden by the slow requests before it. Once that is fast the window begins anew there.
    """
    scrapes = usable(earlier, now.at, config.window)
    if scrapes and histogram.restarted(scrapes[-1].buckets, now.buckets):
        return [now], Look(why=phrase("latency_restarted"), again_in=LOOK_AGAIN_SEC)
    if not now.buckets:
        return [now], Look(why=phrase("latency_no_requests"))
    if not scrapes:
        return [now], Look(why=phrase("latency_first_look"), again_in=LOOK_AGAIN_SEC)
    base = over_window(scrapes, now.at, config.window)
    if recovering:
        base = since_recovery(scrapes, now.buckets, config.recovery_requests) or base
    came = histogram.delta(base.buckets, now.buckets)
    look = Look(
        latency=measured(came),
        came=came,
        traffic=Traffic(
            errors=between(base.errors, now.errors), cache=between(base.cache, now.cache)
        ),
        timeouts=_failures.since(base.timeouts, now.timeouts),
        window_sec=round((now.at - base.at).total_seconds(), 1),
    )
    if recovering and _is_fast(look, config):
        scrapes = [one for one in scrapes if one.at >= base.at]
    return with_latest(scrapes, now, config.window), look


def _is_fast(look: Look, config: Config) -> bool:
    found = look.latency
    if found is None or found.p95_ms is None or found.requests < config.min_requests:
        return False
    return found.p95_ms <= config.slo_api_latency_p95_ms
