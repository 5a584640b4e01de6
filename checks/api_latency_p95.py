"""The web API answers slowly, or not at all.

Sees      the 95th percentile of request times between two scrapes over the target; an error
          when that lasts, and when the API cannot be reached.
Explains  which endpoints are slow, how many requests they had, and how many failed.
Repairs   by clearing the web API's caches, or restarting it or the bot.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.core import histogram
from bot.core.histogram import Buckets
from bot.core.model import Facts, Json, Moment, Reading, Unreadable, ok, phrase, unknown
from bot.core.runbook import Runbook
from bot.core.slo import Objective
from bot.core.tools import Tools
from checks import _api_numbers, _promql, _routes
from checks._api_config import Config
from checks._api_look import NO_TRAFFIC, SCRAPES, Look, compare, scrape
from checks._api_trial import trial
from checks._api_verdict import LATENCY, REACHABILITY, answer, judge, unreadable
from checks._config import diagnose
from checks._latency import P95, measured, milliseconds
from checks._memory import recall, remember
from checks._scrapes import SHAPE
from checks._steps.api_latency_p95 import STEPS
from checks._traffic import Traffic

RESTARTS: Final = ("remediate_restart_web", "remediate_restart_bot")


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
        linked=("check_db_growth:shop database",),  # a large database makes slow queries
        details={
            "numbers": partial(read_numbers, config=config),
            "week": partial(read_week, config=config),
        },
        objective=Objective(
            name="latency",
            target_pct=config.slo_windows_pct,
            subject=LATENCY,
            limit_ms=config.slo_api_latency_p95_ms,
            p95=partial(p95_of_period, config=config),
        ),
        trial=trial(config),
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
        now = await scrape(tools, at, config)
    except Unreadable as blind:
        return unreadable(blind)
    if any(one.of for one in now.errors.values()) and not now.buckets:
        return [unknown(LATENCY, phrase("latency_no_histogram")), ok(REACHABILITY)]
    earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
    scrapes, look = compare(earlier, now, config, recovering=LATENCY in at.open)
    await remember(tools.memory, SCRAPES, SHAPE, scrapes)
    await _routes.add(tools.memory, at, earlier, now)
    return [judge(look, at, config), ok(REACHABILITY)]


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Figures since the API started, and over the window where that is known."""
    if tools.prometheus is not None:
        recent = await _promql.latency(
            tools.prometheus, config.window_sec, config.ignored_endpoints
        )
        return {**answer(recent, config.window_sec, config), **Look().failures}
    now = await scrape(tools, at, config)
    earlier = await recall(tools.memory, SCRAPES, SHAPE, [])
    _, look = compare(earlier, now, config, recovering=False)
    if look.latency is not None and look.latency.p95_ms is not None:
        return {**answer(look.latency, look.window_sec, config), **look.failures}
    ever = Look(traffic=Traffic(errors=now.errors, cache=now.cache), timeouts=now.timeouts)
    return {**answer(measured(now.buckets), None, config), **ever.failures}


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


async def read_week(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Read endpoints by p95 over seven days and today.

    `since`: from when they are counted, where that is later; "start" where nothing is kept yet,
    and they are of all requests since the API began.
    """
    limit = config.slo_api_latency_p95_ms
    if tools.prometheus is not None:
        span = timedelta(days=_routes.DAYS).total_seconds()
        found = await _promql.numbers(tools.prometheus, span, config.ignored_endpoints, limit)
        return {"endpoints": found["endpoints"], "since": None}
    kept = await _routes.week(tools, at)
    since = kept.since.isoformat() if kept.since else "start"
    routes: Buckets = kept.routes if kept.since else (await scrape(tools, at, config)).buckets
    if kept.since and kept.since <= at.now - timedelta(days=_routes.DAYS):
        return {"endpoints": _endpoints(routes, limit), "since": None}
    return {"endpoints": _endpoints(routes, limit), "since": since}


def _endpoints(routes: Buckets, limit_ms: float) -> Json:
    return _api_numbers.numbers(routes, NO_TRAFFIC, limit_ms)["endpoints"]


async def read_numbers(tools: Tools, at: Moment, *, config: Config) -> Facts:
    """Read p50, p95 and p99 by endpoint, errors and the cache, over the window if it is known."""
    limit = config.slo_api_latency_p95_ms
    known: Facts = {"threshold_ms": limit, "window_sec": None}
    if tools.prometheus is not None:
        window, ignored = config.window_sec, config.ignored_endpoints
        found = await _promql.numbers(tools.prometheus, window, ignored, limit)
        return {**known, "window_sec": window, **found}
    now = await scrape(tools, at, config)
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
