"""The web API answers slowly, or not at all.

Sees      the 95th percentile of request times between two scrapes over the target; an error
          when that lasts, and when the API cannot be reached.
Explains  which endpoints are slow, how many requests they had, and how many failed.
Repairs   by clearing the web API's caches, or restarting it or the bot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pydantic import Field

from bot.core import histogram
from bot.core.histogram import Buckets
from bot.core.model import (
    Facts,
    Json,
    Moment,
    Phrase,
    Reading,
    Severity,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Runbook
from bot.core.slo import Objective
from bot.core.tools import Tools
from checks import _api_numbers, _failures, _promql
from checks._config import CheckConfig, Words, diagnose
from checks._latency import P95, Latency, measured, milliseconds, watched
from checks._memory import recall, remember
from checks._scrapes import SHAPE, Scrape, over_window, since_recovery, usable, with_latest
from checks._steps.api_latency_p95 import STEPS
from checks._traffic import REQUESTS, Traffic, between, cache, errors

LATENCY: Final = "web API"
REACHABILITY: Final = "web API reachability"
SCRAPES: Final = "api_latency_p95:scrapes"
LOOK_AGAIN_SEC: Final = 5
SHOWN: Final = 3
RESTARTS: Final = ("remediate_restart_web", "remediate_restart_bot")
NO_TRAFFIC: Final = Traffic(errors={}, cache={})
SERVER_ERROR: Final = 500
UNREACHABLE: Final = frozenset(
    {"http_refused", "http_timeout", "http_unknown_host", "http_broken_off", "http_tls"}
)


class Config(CheckConfig, title="CHECKS__API_LATENCY_P95"):
    slo_api_latency_p95_ms: float = Field(
        default=1200.0, gt=0, description="Limit in milliseconds, if not SoVAni's own."
    )
    slo_windows_pct: float = Field(
        default=99.0,
        gt=0,
        le=100,
        description="Rounds that must find p95 within the limit, in %, for the error budget.",
    )
    window_sec: float = Field(
        default=300, gt=0, description="Seconds of requests that one p95 is made of."
    )
    min_requests: int = Field(
        default=20, ge=1, description="With fewer requests in the window, p95 is unknown."
    )
    recovery_requests: int = Field(
        default=60,
        ge=1,
        description="Fast requests in a row that end an alert early; fewer could be chance.",
    )
    sustained_sec: float = Field(
        default=900, ge=0, description="Slow for so many seconds, the warning is an error."
    )
    cache_hits_metric: str = Field(
        default="cache_hits_total", description="The counter of what its cache found, if any."
    )
    cache_misses_metric: str = Field(
        default="cache_misses_total", description="The counter of what its cache had not."
    )
    ignored_endpoints: Words = Field(
        default=("/metrics", "/health", "/healthz"),
        description="Left out, by comma: no person waits for them.",
    )

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.window_sec)


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


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_api_latency_p95",
        title="Web API latency",
        number=1,
        detect=partial(detect, config=config),
        diagnose=diagnose(
            "api_latency_p95",
            partial(diagnosis, config=config),
            leads={
                "Machine": "host",
                "Database": "db",
                "Logs 1h": "logs web 60",
                "Web API": "svc web",
            },
        ),
        remediations=["remediate_clear_cache", *RESTARTS],
        asks={"Metrics": "latency", "Check WB/Ozon": "net"},
        automatic="remediate_clear_cache",
        keeps=("p95_ms", "requests", "buckets"),
        details={"numbers": partial(read_numbers, config=config)},
        objective=Objective(
            name="latency",
            target_pct=config.slo_windows_pct,
            subject=LATENCY,
            limit_ms=config.slo_api_latency_p95_ms,
            p95=partial(p95_of_period, config=config),
        ),
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    if tools.prometheus is not None:
        figures = await _promql.latency(
            tools.prometheus, config.window_sec, config.ignored_endpoints
        )
        return [judge(Look(latency=figures, window_sec=config.window_sec), at, config)]
    try:
        now = await _scrape(tools, at, config)
    except Unreadable as blind:
        return unreadable(blind)
    if any(one.of for one in now.errors.values()) and not now.buckets:
        return [unknown(LATENCY, phrase("latency_no_histogram")), ok(REACHABILITY)]
    earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
    scrapes, look = compare(earlier, now, config, recovering=LATENCY in at.open)
    await remember(tools.memory, SCRAPES, SHAPE, scrapes)
    return [judge(look, at, config), ok(REACHABILITY)]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Figures since the API started, and over the window where that is known."""
    if tools.prometheus is not None:
        recent = await _promql.latency(
            tools.prometheus, config.window_sec, config.ignored_endpoints
        )
        return {**_answer(recent, config.window_sec, config), **Look().failures}
    now = await _scrape(tools, at, config)
    earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
    _, look = compare(earlier, now, config, recovering=False)
    if look.latency is not None and look.latency.p95_ms is not None:
        return {**_answer(look.latency, look.window_sec, config), **look.failures}
    ever = Look(traffic=Traffic(errors=now.errors, cache=now.cache), timeouts=now.timeouts)
    return {**_answer(measured(now.buckets), None, config), **ever.failures}


async def p95_of_period(
    tools: Tools,
    since: datetime,
    until: datetime,
    buckets: Mapping[str, float],
    *,
    config: Config,
) -> float | None:
    """Milliseconds, of all requests of days; `buckets` are the sums of what the rounds counted."""
    if tools.prometheus is not None:
        return await _promql.p95_between(tools.prometheus, since, until, config.ignored_endpoints)
    found = histogram.quantile(P95, {bound: round(count, 3) for bound, count in buckets.items()})
    return None if found is None else milliseconds(found.value_seconds)


async def read_numbers(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Read p50, p95 and p99 by endpoint, errors and the cache, over the window if it is known."""
    limit = config.slo_api_latency_p95_ms
    known: Facts = {"threshold_ms": limit, "window_sec": None}
    if tools.prometheus is not None:
        window, ignored = config.window_sec, config.ignored_endpoints
        found = await _promql.numbers(tools.prometheus, window, ignored, limit)
        return {**known, "window_sec": window, **found}
    now = await _scrape(tools, at, config)
    earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
    _, look = compare(earlier, now, config, recovering=False)
    if look.latency is None or not look.latency.requests:
        whole = Traffic(errors=now.errors, cache=now.cache)
        return {**known, **_api_numbers.numbers(now.buckets, whole, limit)}
    return {
        **known,
        "window_sec": look.window_sec,
        **_api_numbers.numbers(look.came, look.traffic, limit),
    }


async def _scrape(tools: Tools, at: Moment, config: Config) -> Scrape:
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


def judge(look: Look, at: Moment, config: Config) -> Reading:
    found = look.latency
    if found is None:
        why = look.why or phrase("latency_first_look")
        return unknown(LATENCY, why, idle=True, again_in=look.again_in)
    if found.flaw is not None:
        return unknown(LATENCY, phrase("latency_broken", flaw=found.flaw))
    if found.p95_ms is None or found.requests < config.min_requests:
        few = phrase(
            "latency_few_requests",
            requests=found.requests,
            needed=config.min_requests,
            window_sec=look.window_sec,
        )
        counted: Facts = {"requests": found.requests, "buckets": found.buckets}
        return replace(unknown(LATENCY, few, idle=True), facts=counted)
    numbers = {**facts(found, look.window_sec, config), **look.failures}
    if found.p95_ms > config.slo_api_latency_p95_ms:
        return fires(LATENCY, _severity(at, config), **numbers)
    if found.at_least:  # beyond the widest bucket, which ends below the target
        return unknown(LATENCY, phrase("latency_buckets_too_low", bound_ms=found.p95_ms))
    return ok(LATENCY, **numbers)


def unreadable(blind: Unreadable) -> list[Reading]:
    """Tell an API that cannot be reached, a trouble of its own, from a strange answer."""
    latency = unknown(LATENCY, blind.why)
    status = blind.why.values.get("status")
    down = isinstance(status, int) and status >= SERVER_ERROR
    if blind.why.key in UNREACHABLE or down:
        return [fires(REACHABILITY, Severity.ERROR, reason=_reason(blind.why)), latency]
    return [unknown(REACHABILITY, blind.why), latency]


def facts(found: Latency, window_sec: float | None, config: Config) -> dict[str, Json]:
    return {
        "p95_ms": found.p95_ms,
        "at_least": found.at_least,
        "threshold_ms": config.slo_api_latency_p95_ms,
        "requests": found.requests,
        "buckets": found.buckets,
        "window_sec": window_sec,
        "slowest": _slowest(found, SHOWN),
    }


def _answer(found: Latency, window_sec: float | None, config: Config) -> Facts:
    return {
        **facts(found, window_sec, config),
        "flaw": found.flaw,
        "endpoints": _slowest(found, len(found.endpoints)),
    }


def _slowest(found: Latency, most: int) -> list[Mapping[str, Json]]:
    return [
        {
            "endpoint": one.name,
            "p95_ms": one.p95_ms,
            "requests": one.requests,
            "at_least": one.at_least,
        }
        for one in found.endpoints[:most]
    ]


def _severity(at: Moment, config: Config) -> Severity:
    since = at.open.get(LATENCY)
    lasting = since is not None and (at.now - since).total_seconds() >= config.sustained_sec
    return Severity.ERROR if lasting else Severity.WARNING


def _is_fast(look: Look, config: Config) -> bool:
    found = look.latency
    if found is None or found.p95_ms is None or found.requests < config.min_requests:
        return False
    return found.p95_ms <= config.slo_api_latency_p95_ms


def _reason(why: Phrase) -> Mapping[str, Json]:
    """Keep the phrase as a fact, for the card to say."""
    return {"key": why.key, "values": why.values}
