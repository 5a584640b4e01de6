"""Request times as numbers for a card, from a histogram of what came in a window. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core import histogram
from bot.core.histogram import Buckets, Counts

P95: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`at_least`: slower than the widest bucket; the true figure is not known."""

    name: str
    p95_ms: float
    requests: int
    at_least: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """All endpoints together; `flaw` where there is no figure to be had and why."""

    requests: int
    p95_ms: float | None
    at_least: bool = False
    endpoints: Sequence[Endpoint] = ()
    flaw: str | None = None
    buckets: Counts = field(default_factory=dict)  # of all endpoints, where they were counted


def watched(buckets: Buckets, ignored: Collection[str]) -> dict[str, Counts]:
    """Without the endpoints that only machines ask: they are fast and would hide slow ones."""
    return {
        series: counts
        for series, counts in buckets.items()
        if series.rpartition(" ")[2] not in ignored
    }


def measured(buckets: Buckets) -> Latency:
    whole = histogram.merge(buckets)
    if (flaw := histogram.flaw(whole)) is not None:
        return Latency(requests=0, p95_ms=None, flaw=flaw.value)
    requests = round(histogram.total(buckets))
    overall = histogram.quantile(P95, whole)
    if overall is None:
        return Latency(requests=requests, p95_ms=None, buckets=whole)
    return Latency(
        requests=requests,
        p95_ms=milliseconds(overall.value_seconds),
        at_least=overall.at_least,
        endpoints=slowest_first(_endpoints(buckets)),
        buckets=whole,
    )


def slowest_first(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    return sorted(endpoints, key=lambda one: (-one.p95_ms, -one.requests, one.name))


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _endpoints(buckets: Mapping[str, Counts]) -> list[Endpoint]:
    return [
        Endpoint(
            name=name,
            p95_ms=milliseconds(found.value_seconds),
            requests=round(histogram.requests(counts)),
            at_least=found.at_least,
        )
        for name, counts in buckets.items()
        if (found := histogram.quantile(P95, counts)) is not None
    ]
