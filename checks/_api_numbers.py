"""What `/latency` shows: how fast each endpoint is, what fails, and what might be cached. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.core import histogram
from bot.core.histogram import Buckets, Counts
from bot.core.model import Facts, Json
from checks._latency import milliseconds
from checks._traffic import Count, Traffic

QUANTILES: Final = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
ENOUGH: Final = 5  # requests, with fewer of which an endpoint is not called slow


def numbers(came: Buckets, traffic: Traffic, limit_ms: float) -> Facts:
    whole = histogram.merge(came)
    endpoints = slowest_first([_endpoint(name, came[name], traffic) for name in came])
    return {
        **quantiles(whole),
        "requests": round(histogram.total(came)),
        "endpoints": endpoints,
        **_traffic_facts(traffic),
        "advice": advice(endpoints, traffic, limit_ms),
    }


def quantiles(counts: Counts) -> dict[str, Json]:
    """`over`: the slowest of them lies beyond the widest bucket."""
    found = {name: histogram.quantile(q, counts) for name, q in QUANTILES.items()}
    known = {name: milliseconds(one.value_seconds) if one else None for name, one in found.items()}
    return {**known, "over": any(one is not None and one.at_least for one in found.values())}


def slowest_first(endpoints: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """Those with a time, by p95."""
    timed = [one for one in endpoints if one["p95_ms"] is not None]
    return sorted(timed, key=lambda one: (-_number(one["p95_ms"]), str(one["endpoint"])))


def advice(
    endpoints: Sequence[Mapping[str, Json]], traffic: Traffic, limit_ms: float
) -> list[dict[str, str]]:
    """Slow endpoints that the cache does not serve, or of which it cannot be seen."""
    slow = [
        str(one["endpoint"])
        for one in endpoints
        if _number(one["p95_ms"]) > limit_ms and _number(one["requests"]) >= ENOUGH
    ]
    by_endpoint = any(name for name in traffic.cache)
    hits = {name.rpartition(" ")[2] for name, one in traffic.cache.items() if one.hit > 0}
    unseen = "unseen" if not by_endpoint else "uncached"
    return [
        {"endpoint": name, "kind": unseen} for name in slow if name.rpartition(" ")[2] not in hits
    ]


def _endpoint(name: str, counts: Counts, traffic: Traffic) -> dict[str, Json]:
    return {
        "endpoint": name,
        **quantiles(counts),
        "requests": round(histogram.requests(counts)),
        "errors_pct": traffic.errors.get(name, Count()).pct,
    }


def _traffic_facts(traffic: Traffic) -> dict[str, Json]:
    failed, found = traffic.whole(traffic.errors), traffic.whole(traffic.cache)
    return {"errors": round(failed.hit), "errors_pct": failed.pct, "cache_hit_pct": found.pct}


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
