"""The web API over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from demo.shop.database import opened, reading, transaction
from demo.shop.settings import Settings
from demo.shop.web import cache as cache_module
from demo.shop.web.app import build
from demo.shop.web.cache import Cache
from demo.shop.web.context import Context
from demo.shop.web.follower import count_since
from demo.shop.web.metrics import Metrics
from demo.shop.web.traffic import browse
from tests.demo.shop.kit import ADMIN, YESTERDAY, Clock, until

BEARER = {"Authorization": f"Bearer {ADMIN}"}
CLEAR = "/api/v1/ops/remediate?alert_source=check_api_latency_p95"
FAULT = "/demo/faults/bloated-cache"
DURATION = "http_request_duration_seconds"


@asynccontextmanager
async def serving(context: Context) -> AsyncIterator[aiohttp.ClientSession]:
    runner = web.AppRunner(build(context), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(url) as client:
        yield client
    await runner.cleanup()


@pytest.fixture
def context(settings: Settings, clock: Clock) -> Context:
    loop_clock = Clock()
    cache = Cache(lambda: loop_clock().timestamp(), Random(1))
    return Context(settings, cache, Metrics(), clock)


@pytest.fixture
async def client(context: Context) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(context) as session:
        yield session


async def samples(client: aiohttp.ClientSession, name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of a metric by the values of their labels."""
    async with client.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(label for _, label in sorted(s.labels.items())): s.value for s in found}


async def test_tells_that_it_is_well(client: aiohttp.ClientSession) -> None:
    async with client.get("/health") as answer:
        assert await answer.json() == {"status": "healthy"}
    async with client.get("/healthz") as answer:
        assert answer.status == 200
        assert (await answer.json())["checks"].keys() == {"database", "disk", "memory"}


async def test_a_missing_database_is_a_503_and_is_not_created(
    client: aiohttp.ClientSession, settings: Settings
) -> None:
    settings.database.unlink()
    async with client.get("/healthz") as answer:
        assert answer.status == 503
        assert (await answer.json())["checks"]["database"] != "ok"
    async with client.get("/api/v1/sales") as answer:
        assert answer.status == 503
    assert not settings.database.exists()


async def test_the_histogram_has_the_buckets_of_the_contract(
    client: aiohttp.ClientSession,
) -> None:
    for _ in range(3):
        await client.get("/api/v1/sales")
    found = await samples(client, f"{DURATION}_bucket")
    edges = [
        le for endpoint, le, method in found if (endpoint, method) == ("/api/v1/sales", "GET")
    ]
    assert edges == ["0.01", "0.05", "0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]
    assert found["/api/v1/sales", "+Inf", "GET"] == 3
    totals = await samples(client, "http_requests_total")
    assert totals["/api/v1/sales", "GET", "200"] == 3


async def test_measures_routes_and_not_addresses(client: aiohttp.ClientSession) -> None:
    await client.get("/jobs/stats/collect_yesterday_data")
    await client.get("/wp-admin/1")
    await client.get("/wp-admin/2")
    await client.get("/metrics")
    assert (await samples(client, f"{DURATION}_count")).keys() == {
        ("/jobs/stats/{job_name}", "GET"),
        ("unknown", "GET"),
    }


@pytest.mark.parametrize(
    ("headers", "path", "expected"),
    [
        pytest.param({}, CLEAR, 401, id="no token"),
        pytest.param({"Authorization": "Basic abc"}, CLEAR, 401, id="another scheme"),
        pytest.param({"Authorization": "Bearer wrong"}, CLEAR, 403, id="a wrong token"),
        pytest.param({"Authorization": "Bearer ключ"}, CLEAR, 403, id="not ASCII"),
        pytest.param(BEARER, CLEAR.replace("p95", "p99"), 404, id="a source without an action"),
        pytest.param(BEARER, "/api/v1/ops/remediate", 404, id="no source"),
        pytest.param({}, FAULT, 401, id="the fault, without a token"),
        pytest.param({}, "/api/v1/finance/reconcile", 401, id="reconcile, without a token"),
        pytest.param(BEARER, CLEAR, 200, id="the right one"),
    ],
)
async def test_only_the_admin_token_opens_what_changes_something(
    client: aiohttp.ClientSession, headers: dict[str, str], path: str, expected: int
) -> None:
    async with client.post(path, headers=headers, json={"on": False}) as answer:
        assert answer.status == expected


async def test_an_empty_admin_token_opens_nothing(context: Context) -> None:
    bare = replace(context, settings=replace(context.settings, admin_token=""))
    async with serving(bare) as client:
        for headers in ({}, {"Authorization": "Bearer "}, BEARER):
            async with client.post(CLEAR, headers=headers) as answer:
                assert answer.status in {401, 403}


async def test_remediation_is_refused_where_it_is_off(context: Context) -> None:
    off = replace(context, settings=replace(context.settings, auto_remediation=False))
    async with serving(off) as client, client.post(CLEAR, headers=BEARER) as answer:
        assert answer.status == 400


async def test_a_bloated_cache_is_slow_until_it_is_cleared(
    client: aiohttp.ClientSession, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "EVICTION_SECONDS", (0.55, 0.6))
    await client.post(FAULT, headers=BEARER, json={"on": True})
    await asyncio.gather(*(client.get("/api/v1/sales") for _ in range(60)))
    found = await samples(client, f"{DURATION}_bucket")
    slow = 60 - found["/api/v1/sales", "0.5", "GET"]
    assert 60 * 0.05 < slow < 60, "enough of them that the p95 is slow"

    async with client.post(CLEAR, headers=BEARER) as answer:
        told = await answer.json()
    assert told.keys() == {"status", "action_name", "details", "retry_count"}
    assert (told["status"], told["action_name"]) == ("success", "remediate_clear_cache")
    assert not context.cache.bloated
    async with client.get(FAULT, headers=BEARER) as answer:
        assert await answer.json() == {"on": False}
    await asyncio.gather(*(client.get("/api/v1/sales") for _ in range(60)))
    found = await samples(client, f"{DURATION}_bucket")
    assert found["/api/v1/sales", "+Inf", "GET"] == 120
    assert 120 - found["/api/v1/sales", "0.5", "GET"] == slow, "no slow one has come on top"
    with reading(context.settings.database) as shop:
        done = shop.execute("SELECT action_name, status FROM ops_remediation_history").fetchall()
    assert [tuple(row) for row in done] == [("remediate_clear_cache", "success")]


async def test_the_cache_is_cleared_while_somebody_holds_the_database(
    client: aiohttp.ClientSession, context: Context
) -> None:
    context.cache.poison()
    with opened(context.settings.database) as other, transaction(other):
        async with client.post(CLEAR, headers=BEARER) as answer:
            assert answer.status == 200
    assert not context.cache.bloated


async def test_the_switch_takes_the_junk_out_and_keeps_the_rest(context: Context) -> None:
    async def load() -> list[dict[str, object]]:
        return []

    await context.cache.get("mine", load)
    context.cache.poison()
    context.cache.unpoison()
    assert context.cache.size == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sales",
        "/api/v1/inventory?limit=5",
        "/api/v1/finance/cashflow",
        "/api/v1/finance/pnl",
        "/api/v1/reviews/pending",
        "/jobs/status?job_name=collect_yesterday_data&limit=3",
    ],
)
async def test_business_endpoints_answer_from_the_database(
    client: aiohttp.ClientSession, path: str
) -> None:
    async with client.get(path) as answer:
        assert len(await answer.json()) > 0


async def test_answers_come_from_the_cache(
    client: aiohttp.ClientSession, settings: Settings
) -> None:
    before = await (await client.get("/api/v1/sales")).json()
    settings.database.unlink()
    async with client.get("/api/v1/sales") as answer:
        assert await answer.json() == before


async def test_slo_summary_has_the_shape_of_the_contract(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/v1/ops/slo/summary?days=7") as answer:
        found = await answer.json()
    assert (found["d_from"], found["d_to"]) == ("2026-03-03", YESTERDAY.isoformat())
    assert found["ingest"] == {"pass": True, "actual_pct": 100.0, "target_pct": 99.0}
    assert found["scheduler"] == {"pass": True, "actual_pct": 100.0, "target_pct": 98.0}
    assert found["api_latency"].keys() == {"pass", "actual_p95_ms", "target_p95_ms"}
    assert found["overall_pass"] is True


async def test_ops_health_counts(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/v1/ops/health") as answer:
        assert await answer.json() == {
            "alerts_last_hour": 0,
            "critical_last_24h": 0,
            "remediations_last_hour": 0,
            "remediation_failures_24h": 0,
        }


async def test_reconcile_lists_the_outliers(client: aiohttp.ClientSession) -> None:
    path = "/api/v1/finance/reconcile?date_from=2026-02-28&date_to=2026-03-09"
    async with client.post(path, headers=BEARER) as answer:
        found = await answer.json()
    assert found["outliers_found"] == len(found["outliers"]) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/ops/alerts?limit=0",
        "/api/v1/ops/alerts?limit=x",
        "/api/v1/ops/slo/summary?days=91",
        "/api/v1/sales?date_from=yesterday",
    ],
)
async def test_wrong_arguments_are_a_422(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.status == 422


async def test_an_unknown_job_is_a_404(client: aiohttp.ClientSession) -> None:
    async with client.get("/jobs/stats/nothing") as answer:
        assert answer.status == 404


async def test_runs_of_the_scheduler_are_counted_once(
    client: aiohttp.ClientSession, context: Context
) -> None:
    after = await count_since(context, "2026-03-10 00:00")
    assert await count_since(context, after) == after
    jobs = await samples(client, "scheduler_jobs_total")
    assert jobs["collect_yesterday_data", "success"] == 1
    requests = await samples(client, "external_api_requests_total")
    assert requests == {("sales", "ozon", "200"): 2, ("sales", "wb", "200"): 3}


async def test_its_own_traffic_keeps_the_histogram_alive(client: aiohttp.ClientSession) -> None:
    async def enough() -> bool:
        return sum((await samples(client, f"{DURATION}_count")).values()) > 20

    async with asyncio.TaskGroup() as group:
        people = group.create_task(browse(str(client._base_url), 200, Random(3)))  # noqa: SLF001  # its address
        await until(enough)
        people.cancel()
    totals = await samples(client, "http_requests_total")
    assert {status for _, _, status in totals} == {"200"}


async def test_a_day_collected_by_hand_is_there_and_written_down(
    client: aiohttp.ClientSession, settings: Settings
) -> None:
    day = YESTERDAY.isoformat()
    with opened(settings.database) as connection, transaction(connection):
        connection.execute("DELETE FROM daily_sales WHERE d = ?", (day,))
    async with client.post(f"/api/v1/jobs/collect?date={day}", headers=BEARER) as answer:
        said = await answer.json()
    assert said["status"] == "success"
    assert min(said["added"].values()) > 0
    async with client.post(f"/api/v1/jobs/collect?date={day}", headers=BEARER) as answer:
        assert set((await answer.json())["added"].values()) == {0}  # nothing twice
    settings.session_lost.touch()
    async with client.post(f"/api/v1/jobs/collect?date={day}", headers=BEARER) as answer:
        assert (await answer.json())["status"] == "failed"
    with reading(settings.database) as connection:
        last = connection.execute("SELECT status FROM job_runs ORDER BY id DESC LIMIT 3")
        assert [row[0] for row in last] == ["failed", "success", "success"]


async def test_jobs_are_not_for_everybody(client: aiohttp.ClientSession) -> None:
    async with client.post("/api/v1/jobs/collect?date=2026-03-09") as answer:
        assert answer.status == 401
    async with client.post("/api/v1/jobs/collect?date=soon", headers=BEARER) as answer:
        assert answer.status == 400
    async with client.post("/api/v1/jobs/recalc?days=3", headers=BEARER) as answer:
        assert (await answer.json()) == {"status": "success", "days": 3}
