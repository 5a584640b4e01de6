from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.model import Reading, Severity, Source, Status, Unreadable, phrase
from bot.core.tools import Sample, Tools
from checks._api_config import Config
from checks._api_look import SCRAPES, Look
from checks._api_verdict import LATENCY, REACHABILITY, judge, unreadable
from checks._latency import Endpoint, Latency, measured
from checks._promql import from_samples
from checks.api_latency_p95 import detect, diagnosis
from tests.checks.fakes import NOON, FakeMemory, FakePrometheus, FakeWeb, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

BOUNDS = ("0.01", "0.05", "0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf")
SALES = "/api/v1/sales"
FAST, SLOW = 0.1, 2.0  # seconds


class Api:
    """The counters of a web API, as Prometheus' client keeps them."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    def serve(self, times: int, seconds: float, endpoint: str = SALES) -> None:
        self.took.setdefault(endpoint, []).extend([seconds] * times)

    def metrics(self) -> list[Sample]:
        buckets = [
            Sample(
                "http_request_duration_seconds_bucket",
                {"method": "GET", "endpoint": endpoint, "le": le},
                sum(1 for one in took if one <= float(le)),
            )
            for endpoint, took in self.took.items()
            for le in BOUNDS
        ]
        counters = [
            Sample("http_requests_total", {"endpoint": endpoint, "status": "200"}, len(took))
            for endpoint, took in self.took.items()
        ]
        return [*buckets, *counters]


class Watch:
    """Rounds of the check, at times of our choosing."""

    def __init__(self, tools: Tools) -> None:
        self.api = Api()
        self.tools = replace(tools, memory=FakeMemory())
        self.opened: dict[str, datetime] = {}
        self.config = Config()

    async def round(
        self, second: float, answer: list[Sample] | Unreadable | None = None
    ) -> Reading:
        samples = self.api.metrics() if answer is None else answer
        tools = replace(self.tools, web=FakeWeb(samples))
        at = moment(NOON + timedelta(seconds=second), opened=self.opened)
        found = {r.subject: r for r in await detect(tools, at, config=self.config)}
        assert found.keys() == {LATENCY, REACHABILITY}
        return found[LATENCY]


@pytest.fixture
def watch(tools: Tools) -> Watch:
    return Watch(tools)


async def test_the_first_look_asks_for_another_one(watch: Watch) -> None:
    watch.api.serve(1000, SLOW)

    reading = await watch.round(0)

    assert (reading.status, reading.idle, reading.again_in) == (Status.UNKNOWN, True, 5)


async def test_what_was_slow_before_the_first_look_does_not_count(watch: Watch) -> None:
    watch.api.serve(1000, SLOW)
    await watch.round(0)
    watch.api.serve(100, FAST)

    reading = await watch.round(300)

    assert reading.status is Status.OK
    assert reading.facts["requests"] == 100
    assert reading.facts["window_sec"] == 300


async def test_slow_requests_fire(watch: Watch, say: Callable[[str, Reading], str]) -> None:
    watch.api.serve(500, FAST)
    await watch.round(0)
    watch.api.serve(90, FAST)
    watch.api.serve(10, SLOW, "/api/v1/pnl")

    reading = await watch.round(300)

    assert (reading.status, reading.severity) == (Status.FIRING, Severity.WARNING)
    # The 95th of 100 is halfway into the bucket from 1 to 2.5 seconds.
    assert reading.facts["p95_ms"] == 1750
    slowest = reading.facts["slowest"]
    assert isinstance(slowest, list)
    assert [one["endpoint"] for one in slowest] == ["GET /api/v1/pnl", f"GET {SALES}"]
    assert slowest[0]["requests"] == 10
    line = "The web API is slow: p95 1 750 ms, the limit is 1 200 ms"
    assert say("check_api_latency_p95", reading) == line


@pytest.mark.parametrize(("requests", "status"), [(19, Status.UNKNOWN), (20, Status.FIRING)])
async def test_twenty_requests_are_enough(watch: Watch, requests: int, status: Status) -> None:
    await watch.round(0)
    watch.api.serve(1, FAST)
    await watch.round(1)
    watch.api.serve(requests, SLOW)

    assert (await watch.round(301)).status is status


async def test_a_night_without_requests_is_nobodys_fault(watch: Watch) -> None:
    watch.api.serve(1000, FAST)
    await watch.round(0)

    reading = await watch.round(300)

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


async def test_an_api_that_was_never_asked_is_idle(watch: Watch) -> None:
    reading = await watch.round(0, [])

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


async def test_requests_without_a_histogram_are_a_trouble(watch: Watch) -> None:
    watch.api.serve(5, FAST)
    counters = [s for s in watch.api.metrics() if s.name == "http_requests_total"]

    reading = await watch.round(0, counters)

    assert (reading.status, reading.idle) == (Status.UNKNOWN, False)
    assert reading.why == phrase("latency_no_histogram")


async def test_an_api_that_only_machines_asked_is_idle(watch: Watch) -> None:
    watch.api.serve(500, FAST, "/health")
    watch.api.serve(500, FAST, "/metrics")

    reading = await watch.round(0)

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


async def test_a_restart_of_the_api_begins_anew(watch: Watch) -> None:
    watch.api.serve(1000, FAST)
    await watch.round(0)
    watch.api = Api()
    watch.api.serve(100, SLOW)
    restarted = await watch.round(300)
    watch.api.serve(100, FAST)
    after = await watch.round(305)

    assert (restarted.status, restarted.idle, restarted.again_in) == (Status.UNKNOWN, True, 5)
    assert after.status is Status.OK
    assert after.facts["requests"] == 100


@pytest.mark.parametrize(
    "lost", [{"+Inf"}, set(BOUNDS) - {"+Inf"}], ids=["no +Inf", "nothing but +Inf"]
)
async def test_missing_buckets_are_not_ok(watch: Watch, lost: set[str]) -> None:
    def without(samples: list[Sample]) -> list[Sample]:
        return [sample for sample in samples if sample.labels.get("le") not in lost]

    watch.api.serve(10, FAST)
    await watch.round(0, without(watch.api.metrics()))
    watch.api.serve(100, FAST)

    reading = await watch.round(300, without(watch.api.metrics()))

    assert (reading.status, reading.idle) == (Status.UNKNOWN, False)


async def test_a_count_that_is_no_number_is_not_ok(watch: Watch) -> None:
    watch.api.serve(100, FAST)
    broken = [replace(sample, value=float("nan")) for sample in watch.api.metrics()]
    await watch.round(0, broken)

    assert (await watch.round(300, broken)).status is Status.UNKNOWN


async def test_slower_than_the_widest_bucket(
    watch: Watch, say: Callable[[str, Reading], str]
) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, 30)

    reading = await watch.round(300)

    assert reading.facts["at_least"]
    assert say("check_api_latency_p95", reading).startswith("The web API is slow: p95 over 10 000")


async def test_a_limit_above_the_widest_bucket_cannot_be_judged(watch: Watch) -> None:
    watch.config = Config(slo_api_latency_p95_ms=20_000)
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, 30)

    assert (await watch.round(300)).status is Status.UNKNOWN


async def test_probes_do_not_hide_slow_requests(watch: Watch) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(5000, 0.001, "/health")
    watch.api.serve(5000, 0.001, "/metrics")
    watch.api.serve(30, SLOW)

    assert (await watch.round(300)).status is Status.FIRING


async def test_slow_for_a_quarter_of_an_hour_is_an_error(watch: Watch) -> None:
    watch.opened = {LATENCY: NOON}
    watch.api.serve(1, FAST)
    severities = []
    for second in (0, 300, 600, 899, 900):
        watch.api.serve(100, SLOW)
        severities.append((await watch.round(second)).severity)

    assert severities[1:] == [Severity.WARNING] * 3 + [Severity.ERROR]


async def test_a_repair_shows_in_the_requests_after_it(watch: Watch) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, SLOW)
    sick = await watch.round(300)
    watch.opened = {LATENCY: NOON}
    watch.api.serve(60, FAST)
    cured = await watch.round(310)
    watch.opened = {}
    watch.api.serve(25, FAST)
    after = await watch.round(315)

    assert [sick.status, cured.status, after.status] == [Status.FIRING, Status.OK, Status.OK]
    assert cured.facts["requests"] == 60
    assert after.facts["requests"] == 85


async def test_a_few_fast_requests_are_no_recovery(watch: Watch) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, SLOW)
    await watch.round(300)
    watch.opened = {LATENCY: NOON}
    watch.api.serve(59, FAST)

    assert (await watch.round(310)).status is Status.FIRING


async def test_the_window_moves_on(watch: Watch) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, SLOW)
    statuses = []
    for second in range(10, 700, 10):
        watch.api.serve(10, FAST)
        statuses.append((await watch.round(second)).status)

    assert statuses[20] is Status.FIRING
    assert statuses[-1] is Status.OK
    kept = await watch.tools.memory.get(SCRAPES)
    assert isinstance(kept, list)
    assert len(kept) <= 13


async def test_a_look_of_hours_ago_is_none(watch: Watch) -> None:
    watch.api.serve(1, FAST)
    await watch.round(0)
    watch.api.serve(100, SLOW)

    assert (await watch.round(7200)).why == phrase("latency_first_look")


async def test_a_clock_that_went_back_does_no_harm(watch: Watch) -> None:
    watch.api.serve(100, FAST)
    await watch.round(3600)

    assert (await watch.round(0)).why == phrase("latency_first_look")


async def test_memory_of_another_release_does_no_harm(watch: Watch) -> None:
    await watch.tools.memory.put(SCRAPES, [{"at": "yesterday", "buckets": 7}])
    watch.api.serve(100, FAST)

    assert (await watch.round(0)).why == phrase("latency_first_look")


@pytest.mark.parametrize(
    "why",
    [
        phrase("http_refused", where="http://localhost:8000/metrics"),
        phrase("http_timeout", where="http://localhost:8000/metrics", seconds=5),
        phrase("http_status", where="http://localhost:8000/metrics", status=500),
        phrase("http_status", where="http://localhost:8000/metrics", status=503),
    ],
)
async def test_an_api_that_cannot_be_reached_is_an_error(
    why: object, tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    blind = Unreadable(why, Source.WEB_API)  # type: ignore[arg-type]

    found = await detect(replace(tools, web=FakeWeb(blind)), moment(), config=Config())

    assert [(r.subject, r.status) for r in found] == [
        (REACHABILITY, Status.FIRING),
        (LATENCY, Status.UNKNOWN),
    ]
    assert found[0].severity is Severity.ERROR
    assert say("check_api_latency_p95", found[0]) == "The web API does not answer"


@pytest.mark.parametrize(
    "why",
    [
        phrase("http_html", where="http://localhost:8000/metrics"),
        phrase("http_too_large", where="http://localhost:8000/metrics", limit_bytes=4_000_000),
        phrase("metrics_malformed", where="http://localhost:8000/metrics"),
        phrase("http_status", where="http://localhost:8000/metrics", status=404),
    ],
)
def test_a_strange_answer_is_neither_up_nor_down(why: object) -> None:
    found = unreadable(Unreadable(why, Source.WEB_API))  # type: ignore[arg-type]

    assert {r.status for r in found} == {Status.UNKNOWN}
    assert {r.subject for r in found} == {LATENCY, REACHABILITY}


async def test_prometheus_is_asked_instead_of_the_api(tools: Tools) -> None:
    labels = {"method": "GET", "endpoint": SALES}
    prometheus = FakePrometheus(
        {
            "histogram_quantile(0.95, sum by (le) (rate(": [Sample("", {}, 1.5)],
            "histogram_quantile(0.95, sum by (le, method": [Sample("", labels, 1.75)],
            "sum (increase(": [Sample("", {}, 99.6)],
            "sum by (method": [Sample("", labels, 99.6)],
        }
    )
    unasked = FakeWeb(Unreadable(phrase("http_refused"), Source.WEB_API))

    [reading] = await detect(
        replace(tools, web=unasked, prometheus=prometheus), moment(), config=Config()
    )

    assert (reading.status, reading.facts["p95_ms"]) == (Status.FIRING, 1500)
    assert reading.facts["requests"] == 100
    assert reading.facts["slowest"] == [
        {"endpoint": f"GET {SALES}", "p95_ms": 1750, "requests": 100, "at_least": False}
    ]
    assert '{endpoint!~"/metrics|/health|/healthz"}[300s]' in prometheus.asked[0]


def test_prometheus_says_nan_where_there_were_no_requests() -> None:
    nan = [Sample("", {}, float("nan"))]
    look = Look(latency=from_samples(nan, [], nan, nan), window_sec=300)

    reading = judge(look, moment(), Config())

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


def test_exactly_the_limit_is_no_breach() -> None:
    look = Look(latency=Latency(requests=20, p95_ms=1200), window_sec=300)

    assert judge(look, moment(), Config()).status is Status.OK


def test_no_buckets_have_no_figures() -> None:
    assert measured({}).flaw is not None


async def test_the_diagnosis_before_any_round_is_of_the_apis_whole_life(watch: Watch) -> None:
    watch.api.serve(100, SLOW)
    tools = replace(watch.tools, web=FakeWeb(watch.api.metrics()))

    answer = await diagnosis(tools, moment(), config=Config())

    assert (answer["window_sec"], answer["requests"]) == (None, 100)


async def test_the_diagnosis_leaves_the_rounds_scrapes_alone(watch: Watch) -> None:
    watch.api.serve(100, FAST)
    await watch.round(0)
    kept = await watch.tools.memory.get(SCRAPES)
    watch.api.serve(100, SLOW)
    tools = replace(watch.tools, web=FakeWeb(watch.api.metrics()))

    answer = await diagnosis(tools, moment(NOON + timedelta(seconds=60)), config=Config())

    assert (answer["window_sec"], answer["requests"]) == (60, 100)
    assert await watch.tools.memory.get(SCRAPES) == kept


async def seen(_shop: Shop, tools: Tools) -> Seen:
    usual = Latency(
        requests=1240,
        p95_ms=2340,
        endpoints=[Endpoint(name="GET /api/v1/pnl", p95_ms=4200, requests=40)],
    )
    paths = [f"/api/v1/{'<long-names-of-things>/' * 3}{number}/{{id}}" for number in range(30)]
    slow = [
        Endpoint(name=f"GET {one}", p95_ms=10_000, requests=123_456_789, at_least=True)
        for one in paths
    ]
    widest = replace(usual, requests=123_456_789_012, p95_ms=10_000, at_least=True, endpoints=slow)
    well = Latency(requests=123_456_789_012, p95_ms=1199)
    api = Api()
    for path in paths:
        api.serve(123, SLOW, path)
    tools = replace(tools, web=FakeWeb(api.metrics()))
    dead, alive = unreadable(Unreadable(phrase("http_refused", where="http://localhost:8000")))
    return Seen(
        usual=[judge(Look(latency=usual, window_sec=300), moment(), Config())],
        widest=[dead, judge(Look(latency=widest, window_sec=86_399), moment(), Config())],
        well=[
            judge(Look(latency=well, window_sec=300), moment(), Config()),
            replace(alive, status=Status.OK, why=None, subject=dead.subject),
        ],
        tools=tools,
    )
