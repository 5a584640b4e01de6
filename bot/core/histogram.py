"""Latency from a Prometheus histogram: what happened between two scrapes, and its quantiles.

A scrape holds counts since the process started. `delta` of two scrapes holds what came in
between; `quantile` estimates inside a bucket as PromQL's `histogram_quantile` does. The shapes
are plain JSON (`{"GET /api": {"0.5": 12, "+Inf": 14}}`), so that a scrape can be kept from one
round to the next. A histogram that makes no sense has no quantile, and `flaw` says why.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from bot.core.tools import Sample

Counts: TypeAlias = Mapping[str, float]  # upper bound ("0.5", "+Inf") → requests up to it
Buckets: TypeAlias = Mapping[str, Counts]  # "GET /api/v1/sales" → its counts

BUCKET_METRIC = "http_request_duration_seconds_bucket"
INFINITE = "+Inf"
NOT_A_COUNT = -1.0  # stands for NaN, infinite and negative: JSON has no words for the first two

_SAME = 2e-12  # PromQL takes counts that differ by less for rounding of its own


class Flaw(StrEnum):
    """Why a histogram cannot be read."""

    EMPTY = "no buckets"
    BAD_BOUND = "a bucket without a readable bound"
    NOT_A_COUNT = "a count that is no number"
    NO_INFINITE_BUCKET = "no +Inf bucket"
    NO_FINITE_BUCKET = "only a +Inf bucket"
    NOT_MONOTONIC = "a wider bucket with fewer requests"


@dataclass(frozen=True, slots=True)
class Quantile:
    """`at_least`: it lies beyond the last finite bound, and only that bound is known."""

    value_seconds: float
    at_least: bool = False


def compact(samples: Iterable[Sample], metric: str = BUCKET_METRIC) -> Buckets:
    """Keep what `delta` needs; series that differ only in further labels are added up."""
    buckets: dict[str, dict[str, float]] = {}
    for sample in samples:
        if sample.name == metric:
            counts = buckets.setdefault(_series(sample.labels), {})
            bound = _spelled(sample.labels.get("le", ""))
            counts[bound] = _sum(counts.get(bound, 0.0), _countable(sample.value))
    return buckets


def restarted(earlier: Buckets, later: Buckets) -> bool:
    """Whether the counters began anew in between.

    One process owns them all, so one series that went back, vanished or has other buckets
    tells it of every series.
    """
    return any(_went_back(counts, later.get(series)) for series, counts in earlier.items())


def delta(earlier: Buckets, later: Buckets) -> Buckets:
    """Count what came between two scrapes.

    After a restart the later scrape counts alone: all it holds came since. A series that is new
    counts in full, so with an empty `earlier` this is the whole life of the process.
    """
    if restarted(earlier, later):
        return {series: dict(counts) for series, counts in later.items()}
    return {
        series: _minus(counts, earlier[series]) if series in earlier else dict(counts)
        for series, counts in later.items()
    }


def merge(buckets: Buckets) -> Counts:
    """All series as one histogram.

    Where their bounds differ only the shared ones count: the sum at another bound would miss
    requests. A series that cannot be counted spoils the whole, which then has a `flaw`.
    """
    every = list(buckets.values())
    shared = set(every[0]).intersection(*every[1:]) if every else set()
    return {bound: _total_at(bound, every) for bound in sorted(shared, key=_bound)}


def requests(counts: Counts) -> float:
    """How many requests one histogram holds; 0 where its `+Inf` bucket cannot tell."""
    return max(0.0, counts.get(INFINITE, 0.0))


def total(buckets: Buckets) -> float:
    """How many requests all series hold together."""
    return sum(requests(counts) for counts in buckets.values())


def flaw(counts: Counts) -> Flaw | None:
    """Name what keeps a histogram from being read; no requests at all is no flaw."""
    bounds = [_bound(bound) for bound in counts]
    for wrong, name in (
        (not counts, Flaw.EMPTY),
        (any(not bound > -math.inf for bound in bounds), Flaw.BAD_BOUND),
        (any(not math.isfinite(n) or n < 0 for n in counts.values()), Flaw.NOT_A_COUNT),
        (math.inf not in bounds, Flaw.NO_INFINITE_BUCKET),
        (not any(math.isfinite(bound) for bound in bounds), Flaw.NO_FINITE_BUCKET),
    ):
        if wrong:
            return name
    return None if _rises(_ladder(counts)) else Flaw.NOT_MONOTONIC


def quantile(q: float, counts: Counts) -> Quantile | None:
    """Estimate as `histogram_quantile(q, …)`: linear inside the bucket, the first from zero.

    None where there were no requests or the histogram has a `flaw`. `q` lies in (0, 1].
    """
    if not 0 < q <= 1:
        raise ValueError(f"a quantile lies above 0 and up to 1, not at {q}")
    if flaw(counts) is not None:
        return None
    ladder = _ladder(counts)
    return _interpolated(q, ladder) if ladder[-1][1] else None


def _interpolated(q: float, ladder: list[tuple[float, float]]) -> Quantile:
    rank = q * ladder[-1][1]
    below, before = min(0.0, ladder[0][0]), 0.0
    for bound, count in ladder[:-1]:
        if count >= rank:
            inside = _share(rank - before, count - before)
            return Quantile(below + (bound - below) * inside)
        below, before = bound, count
    return Quantile(ladder[-2][0], at_least=True)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _ladder(counts: Counts) -> list[tuple[float, float]]:
    """Bounds and counts in order, with rounding differences ironed out."""
    steps: list[tuple[float, float]] = []
    for bound, count in sorted((_bound(le), n) for le, n in counts.items()):
        before = steps[-1][1] if steps else 0.0
        same = bool(steps) and math.isclose(before, count, rel_tol=_SAME)
        steps.append((bound, before if same else count))
    return steps


def _rises(ladder: list[tuple[float, float]]) -> bool:
    return all(low[1] <= high[1] for low, high in pairwise(ladder))


def _went_back(earlier: Counts, later: Counts | None) -> bool:
    if later is None or earlier.keys() != later.keys():
        return True
    return any(0 <= later[bound] < count for bound, count in earlier.items())


def _minus(later: Counts, earlier: Counts) -> Counts:
    return {
        bound: NOT_A_COUNT if count < 0 or earlier[bound] < 0 else count - earlier[bound]
        for bound, count in later.items()
    }


def _total_at(bound: str, every: Iterable[Counts]) -> float:
    at_bound = [counts[bound] for counts in every]
    return NOT_A_COUNT if any(count < 0 for count in at_bound) else sum(at_bound)


def _sum(one: float, other: float) -> float:
    return NOT_A_COUNT if one < 0 or other < 0 else one + other


def _countable(value: float) -> float:
    return value if math.isfinite(value) and value >= 0 else NOT_A_COUNT


def _series(labels: Mapping[str, str]) -> str:
    return f"{labels.get('method', '')} {labels.get('endpoint', '')}".strip()


def _spelled(le: str) -> str:
    """One spelling a bound: clients write "1", "1.0" and "1e0"; an unreadable one stays."""
    bound = _bound(le)
    if math.isnan(bound):
        return le
    return INFINITE if bound == math.inf else repr(bound)


def _bound(le: str) -> float:
    try:
        return float(le)
    except ValueError:
        return math.nan
