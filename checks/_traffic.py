"""What else the web API counts: requests and errors by endpoint, and hits of its cache. Pure."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from bot.core.tools import Sample

REQUESTS: Final = "http_requests_total"
SERVER_ERROR: Final = 500


class Count(BaseModel, frozen=True):
    """`of` is how many there were, `hit` how many of them were errors, or found in the cache."""

    of: float = 0.0
    hit: float = 0.0

    @property
    def pct(self) -> float | None:
        return round(100 * self.hit / self.of, 1) if self.of > 0 else None


Counts = Mapping[str, Count]  # by endpoint: "GET /api/v1/sales"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """`cache` is empty where the API does not count its cache."""

    errors: Counts
    cache: Counts

    def whole(self, counts: Counts) -> Count:
        return Count(
            of=sum(one.of for one in counts.values()), hit=sum(one.hit for one in counts.values())
        )


def errors(samples: Iterable[Sample], ignored: Collection[str]) -> dict[str, Count]:
    """Requests ever, and those that the API itself failed at."""
    found: dict[str, Count] = {}
    for one in samples:
        if one.name == REQUESTS and one.labels.get("endpoint") not in ignored:
            failed = _is_error(one.labels.get("status", ""))
            _add(found, _name(one), one.value, one.value if failed else 0.0)
    return found


def cache(samples: Iterable[Sample], hits: str, misses: str) -> dict[str, Count]:
    """Look-ups ever, by the endpoint where the counters name one."""
    found: dict[str, Count] = {}
    for one in samples:
        if one.name in {hits, misses}:
            _add(found, _name(one), one.value, one.value if one.name == hits else 0.0)
    return found


def between(earlier: Counts, later: Counts) -> dict[str, Count]:
    """What came in between; counters that went back began anew and count in full."""
    anew = any(later.get(name, Count()).of < one.of for name, one in earlier.items())
    before: Counts = {} if anew else earlier
    return {
        name: Count(
            of=one.of - before.get(name, Count()).of,
            hit=max(0.0, one.hit - before.get(name, Count()).hit),
        )
        for name, one in later.items()
    }


def _add(found: dict[str, Count], name: str, of: float, hit: float) -> None:
    if math.isfinite(of):
        before = found.get(name, Count())
        found[name] = Count(of=before.of + of, hit=before.hit + hit)


def _is_error(status: str) -> bool:
    return status.isdecimal() and int(status) >= SERVER_ERROR


def _name(sample: Sample) -> str:
    return f"{sample.labels.get('method', '')} {sample.labels.get('endpoint', '')}".strip()
