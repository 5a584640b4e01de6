"""The same figures from a Prometheus server, which has kept the scrapes itself."""

import math
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from bot.core.model import Facts, Json
from bot.core.tools import Prometheus, Sample
from checks._api_numbers import QUANTILES, advice
from checks._api_numbers import slowest_first as slowest_by_p95
from checks._latency import P95, Endpoint, Latency, milliseconds, slowest_first
from checks._traffic import REQUESTS, Count, Traffic

HISTOGRAM = "http_request_duration_seconds"
BY_ENDPOINT = "method, endpoint"


async def latency(prometheus: Prometheus, window_sec: float, ignored: Collection[str]) -> Latency:
    overall = await prometheus.query(_quantile(P95, "le", window_sec, ignored))
    requests = await prometheus.query(_requests("", window_sec, ignored))
    by_endpoint = await prometheus.query(_quantile(P95, f"le, {BY_ENDPOINT}", window_sec, ignored))
    counts = await prometheus.query(_requests(f" by ({BY_ENDPOINT})", window_sec, ignored))
    return from_samples(overall, requests, by_endpoint, counts)


async def numbers(
    prometheus: Prometheus, window_sec: float, ignored: Collection[str], limit_ms: float
) -> Facts:
    """Read what `/latency` shows; of the cache Prometheus is not asked."""
    whole: dict[str, Json] = {"over": False}
    by_name: dict[str, dict[str, Json]] = {}
    for key, q in QUANTILES.items():
        total = _only_value(await prometheus.query(_quantile(q, "le", window_sec, ignored)))
        whole[key] = None if total is None else milliseconds(total)
        by = f"le, {BY_ENDPOINT}"
        for one in await prometheus.query(_quantile(q, by, window_sec, ignored)):
            if math.isfinite(one.value):
                by_name.setdefault(_name(one), {})[key] = milliseconds(one.value)
    asked = await _counted(prometheus, _requests(f" by ({BY_ENDPOINT})", window_sec, ignored))
    failed = await _counted(prometheus, _errors(window_sec, ignored))
    errors = {name: Count(of=count, hit=failed.get(name, 0)) for name, count in asked.items()}
    traffic = Traffic(errors=errors, cache={})
    all_of_it = traffic.whole(errors)
    endpoints = slowest_by_p95(
        [
            {
                "endpoint": name,
                **dict.fromkeys(QUANTILES),
                **found,
                "over": False,
                "requests": round(asked.get(name, 0)),
                "errors_pct": errors.get(name, Count()).pct,
            }
            for name, found in by_name.items()
        ]
    )
    return {
        **whole,
        "requests": round(all_of_it.of),
        "endpoints": endpoints,
        "errors": round(all_of_it.hit),
        "errors_pct": all_of_it.pct,
        "cache_hit_pct": None,
        "advice": advice(endpoints, traffic, limit_ms),
    }


async def _counted(prometheus: Prometheus, promql: str) -> dict[str, float]:
    found = await prometheus.query(promql)
    return {_name(one): one.value for one in found if math.isfinite(one.value)}


async def p95_between(
    prometheus: Prometheus, since: datetime, until: datetime, ignored: Collection[str]
) -> float | None:
    """Milliseconds, of all requests between the two."""
    window = (until - since).total_seconds()
    p95 = _only_value(await prometheus.query(_quantile(P95, "le", window, ignored, until=until)))
    return None if p95 is None else milliseconds(p95)


def from_samples(
    overall: Sequence[Sample],
    requests: Sequence[Sample],
    by_endpoint: Sequence[Sample],
    counts: Sequence[Sample],
) -> Latency:
    """NaN is how PromQL says that there was nothing to take a quantile of."""
    p95 = _only_value(overall)
    asked = {_name(sample): sample.value for sample in counts if math.isfinite(sample.value)}
    return Latency(
        requests=round(_only_value(requests) or 0),
        p95_ms=None if p95 is None else milliseconds(p95),
        endpoints=slowest_first(
            [
                Endpoint(
                    name=_name(sample),
                    p95_ms=milliseconds(sample.value),
                    requests=round(asked.get(_name(sample), 0)),
                )
                for sample in by_endpoint
                if math.isfinite(sample.value)
            ]
        ),
    )


def _quantile(
    q: float, by: str, window_sec: float, ignored: Collection[str], until: datetime | None = None
) -> str:
    at = f" @ {until.timestamp():.0f}" if until else ""
    rate = f"rate({HISTOGRAM}_bucket{_without(ignored)}[{round(window_sec)}s]{at})"
    return f"histogram_quantile({q}, sum by ({by}) ({rate}))"


def _requests(by: str, window_sec: float, ignored: Collection[str]) -> str:
    return f"sum{by} (increase({HISTOGRAM}_count{_without(ignored)}[{round(window_sec)}s]))"


def _errors(window_sec: float, ignored: Collection[str]) -> str:
    chosen = _without(ignored, 'status=~"5.."')
    return f"sum by ({BY_ENDPOINT}) (increase({REQUESTS}{chosen}[{round(window_sec)}s]))"


def _without(ignored: Collection[str], also: str = "") -> str:
    if not ignored:
        return "{" + also + "}" if also else ""
    pattern = "|".join(re.escape(endpoint) for endpoint in ignored)
    # Twice: once for the regular expression, once for the string it stands in.
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return '{endpoint!~"' + escaped + '"' + (f",{also}" if also else "") + "}"


def _only_value(samples: Sequence[Sample]) -> float | None:
    return samples[0].value if samples and math.isfinite(samples[0].value) else None


def _name(sample: Sample) -> str:
    return f"{sample.labels.get('method', '')} {sample.labels.get('endpoint', '')}".strip()
