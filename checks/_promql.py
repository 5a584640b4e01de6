"""The same figures from a Prometheus server, which has kept the scrapes itself."""

import math
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from bot.core.tools import Prometheus, Sample
from checks._latency import P95, Endpoint, Latency, milliseconds, slowest_first

HISTOGRAM = "http_request_duration_seconds"
BY_ENDPOINT = "method, endpoint"


async def latency(prometheus: Prometheus, window_sec: float, ignored: Collection[str]) -> Latency:
    overall = await prometheus.query(_p95("le", window_sec, ignored))
    requests = await prometheus.query(_requests("", window_sec, ignored))
    by_endpoint = await prometheus.query(_p95(f"le, {BY_ENDPOINT}", window_sec, ignored))
    counts = await prometheus.query(_requests(f" by ({BY_ENDPOINT})", window_sec, ignored))
    return from_samples(overall, requests, by_endpoint, counts)


async def p95_between(
    prometheus: Prometheus, since: datetime, until: datetime, ignored: Collection[str]
) -> float | None:
    """Milliseconds, of all requests between the two."""
    window = (until - since).total_seconds()
    p95 = _only_value(await prometheus.query(_p95("le", window, ignored, until=until)))
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


def _p95(
    by: str, window_sec: float, ignored: Collection[str], until: datetime | None = None
) -> str:
    at = f" @ {until.timestamp():.0f}" if until else ""
    rate = f"rate({HISTOGRAM}_bucket{_without(ignored)}[{round(window_sec)}s]{at})"
    return f"histogram_quantile({P95}, sum by ({by}) ({rate}))"


def _requests(by: str, window_sec: float, ignored: Collection[str]) -> str:
    return f"sum{by} (increase({HISTOGRAM}_count{_without(ignored)}[{round(window_sec)}s]))"


def _without(ignored: Collection[str]) -> str:
    if not ignored:
        return ""
    pattern = "|".join(re.escape(endpoint) for endpoint in ignored)
    # Twice: once for the regular expression, once for the string it stands in.
    return '{endpoint!~"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"}'


def _only_value(samples: Sequence[Sample]) -> float | None:
    return samples[0].value if samples and math.isfinite(samples[0].value) else None


def _name(sample: Sample) -> str:
    return f"{sample.labels.get('method', '')} {sample.labels.get('endpoint', '')}".strip()
