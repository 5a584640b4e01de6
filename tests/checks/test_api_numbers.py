"""p50, p95 and p99 by endpoint, errors, the cache, and what to do about slow ones."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.runbook import Runbook
from bot.core.tools import Sample, Tools
from checks._traffic import Count, between, cache, errors
from tests.checks.fakes import NOON, FakePrometheus, FakeWeb, moment
from tests.checks.test_api_latency_p95 import FAST, SLOW, Api

SALES, PNL = "/api/v1/sales", "/api/v1/pnl"


@pytest.fixture
def latency(runbooks: dict[str, Runbook]) -> Runbook:
    return runbooks["check_api_latency_p95"]


def counter(name: str, value: float, **labels: str) -> Sample:
    return Sample(name, {"method": "GET", **labels}, value)


def test_only_what_the_api_itself_failed_at_is_an_error() -> None:
    samples = [
        counter("http_requests_total", 90, endpoint=SALES, status="200"),
        counter("http_requests_total", 6, endpoint=SALES, status="404"),
        counter("http_requests_total", 4, endpoint=SALES, status="503"),
        counter("http_requests_total", 9, endpoint="/health", status="500"),
        counter("http_requests_total", float("nan"), endpoint=PNL, status="500"),
    ]
    found = errors(samples, ["/health"])
    assert found == {f"GET {SALES}": Count(of=100, hit=4)}
    assert found[f"GET {SALES}"].pct == 4.0
    assert Count().pct is None


def test_counters_are_compared_and_a_restart_counts_in_full() -> None:
    earlier = {"GET /a": Count(of=100, hit=10), "GET /b": Count(of=5)}
    later = {"GET /a": Count(of=150, hit=12), "GET /b": Count(of=5), "GET /c": Count(of=1, hit=1)}
    assert between(earlier, later) == {
        "GET /a": Count(of=50, hit=2),
        "GET /b": Count(),
        "GET /c": Count(of=1, hit=1),
    }
    assert between(earlier, {"GET /a": Count(of=7, hit=1)}) == {"GET /a": Count(of=7, hit=1)}


def test_a_cache_that_names_no_endpoint_still_has_a_ratio() -> None:
    found = cache([counter("hits", 3), counter("misses", 1), counter("x", 1)], "hits", "misses")
    assert found == {"GET": Count(of=4, hit=3)}


async def test_numbers_are_of_the_window_as_the_checks_are(tools: Tools, latency: Runbook) -> None:
    api = Api()
    api.serve(1000, SLOW)
    await latency.detect(replace(tools, web=FakeWeb(api.metrics())), moment())
    api.serve(100, FAST)
    now = moment(NOON + timedelta(minutes=5))
    found = await latency.details["numbers"](replace(tools, web=FakeWeb(api.metrics())), now)
    assert (found["requests"], found["window_sec"], found["p95_ms"]) == (100, 300, 97.5)
    assert found["advice"] == []


async def test_a_first_look_shows_all_since_the_start(tools: Tools, latency: Runbook) -> None:
    api = Api()
    api.serve(100, SLOW)
    found = await latency.details["numbers"](replace(tools, web=FakeWeb(api.metrics())), moment())
    assert (found["requests"], found["window_sec"], found["p50_ms"]) == (100, None, 1750)
    assert found["advice"] == [{"endpoint": f"GET {SALES}", "kind": "unseen"}]
    assert found["cache_hit_pct"] is None


async def test_advice_knows_what_the_cache_serves(tools: Tools, latency: Runbook) -> None:
    api = Api()
    for endpoint in (SALES, PNL):
        api.serve(100, SLOW, endpoint)
    api.serve(4, SLOW, "/rare")
    counted = [
        *api.metrics(),
        counter("cache_hits_total", 30, endpoint=SALES),
        counter("cache_misses_total", 10, endpoint=SALES),
        counter("cache_misses_total", 60, endpoint=PNL),
    ]
    found = await latency.details["numbers"](replace(tools, web=FakeWeb(counted)), moment())
    assert found["advice"] == [{"endpoint": f"GET {PNL}", "kind": "uncached"}]
    assert found["cache_hit_pct"] == 30.0


async def test_prometheus_tells_the_same(tools: Tools, latency: Runbook) -> None:
    labels = {"method": "GET", "endpoint": SALES}
    server = FakePrometheus(
        {
            "histogram_quantile(0.95, sum by (le, method": [Sample("", labels, 2.0)],
            "histogram_quantile(0.99, sum by (le, method": [Sample("", labels, 4.0)],
            "histogram_quantile(0.95, sum by (le)": [Sample("", {}, 2.0)],
            "sum by (method, endpoint) (increase(http_request_duration": [
                Sample("", labels, 200.0)
            ],
            "sum by (method, endpoint) (increase(http_requests_total": [Sample("", labels, 5.0)],
        }
    )
    found = await latency.details["numbers"](replace(tools, prometheus=server), moment())
    assert found["p95_ms"] == 2000
    assert found["p50_ms"] is None
    assert (found["requests"], found["errors"], found["errors_pct"]) == (200, 5, 2.5)
    assert found["endpoints"] == [
        {
            "endpoint": f"GET {SALES}",
            "p50_ms": None,
            "p95_ms": 2000,
            "p99_ms": 4000,
            "over": False,
            "requests": 200,
            "errors_pct": 2.5,
        }
    ]
    assert any('status=~"5.."' in query for query in server.asked)
