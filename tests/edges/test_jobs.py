"""SoVAni's jobs, started over a real HTTP server or as a unit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.core.runbook import ActionFailed
from bot.edges.jobs import ShopJobs
from bot.settings_jobs import JobSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def shop(handler: Handler, **changes: object) -> AsyncIterator[ShopJobs]:
    app = web.Application()
    app.router.add_post("/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    units: list[str] = []

    async def start(unit: str) -> None:
        units.append(unit)

    given = {
        "address": f"http://127.0.0.1:{runner.addresses[0][1]}",
        "token": "secret-token",
        "recipes": {
            "collect": "api:/jobs/collect?date={date}&why=ops",
            "recalc": "unit:sovani-recalc@{days}.service",
        },
        "start_unit": start,
        "seconds": 5.0,
        **changes,
    }
    jobs = ShopJobs(**given)  # type: ignore[arg-type]  # a test says what differs
    jobs.units = units  # type: ignore[attr-defined]  # for the test to look at
    yield jobs
    await jobs.aclose()
    await runner.cleanup()


def answering(body: object, status: int = 200) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return handle


async def why(jobs: ShopJobs, job: str = "collect") -> str:
    with pytest.raises(ActionFailed) as failed:
        await jobs.run(job, {"date": "2026-11-24"}, "run-1")
    return failed.value.why.key


async def test_the_day_the_token_and_the_key_of_the_decision_arrive() -> None:
    seen: dict[str, str] = {}

    async def handle(request: web.Request) -> web.StreamResponse:
        seen.update(
            path=request.path_qs,
            token=request.headers["Authorization"],
            key=request.headers["Idempotency-Key"],
        )
        return web.json_response({"status": "success", "added": {"WB": 12, "OZON": 7}})

    async with shop(handle) as jobs:
        facts = await jobs.run("collect", {"date": "2026-11-24"}, "run-1")
    assert facts == {"result": {"status": "success", "added WB": "12", "added OZON": "7"}}
    assert seen == {
        "path": "/jobs/collect?date=2026-11-24&why=ops",
        "token": "Bearer secret-token",
        "key": "run-1",
    }


@pytest.mark.parametrize(
    ("body", "status", "key"),
    [
        pytest.param({"status": "failed", "error": "WB: 401"}, 200, "job_failed", id="says no"),
        pytest.param({"detail": "boom"}, 500, "job_failed", id="breaks"),
        pytest.param({}, 404, "job_failed", id="has no such thing"),
        pytest.param({}, 401, "admin_token_refused", id="knows us not"),
    ],
)
async def test_what_the_web_api_refuses_is_no_success(body: object, status: int, key: str) -> None:
    async with shop(answering(body, status)) as jobs:
        assert await why(jobs) == key


async def test_an_answer_that_nobody_understands_is_no_success() -> None:
    async def html(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>fine</html>")

    async with shop(html) as jobs:
        assert await why(jobs) == "job_answer_unclear"


async def test_a_job_that_takes_too_long_may_have_been_done() -> None:
    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with shop(slow, seconds=0.2) as jobs:
        with pytest.raises(ActionFailed) as failed:
            await jobs.run("collect", {"date": "2026-11-24"}, "run-1")
    assert failed.value.why.values["maybe_done"] is True


async def test_without_a_setting_or_a_token_nothing_is_sent() -> None:
    async with shop(answering({}), recipes={"collect": None}) as jobs:
        assert not jobs.offered("collect")
        assert await why(jobs) == "job_not_set"
    async with shop(answering({}), token=None) as jobs:
        assert await why(jobs) == "job_token_missing"


async def test_a_unit_is_started_by_its_name() -> None:
    async with shop(answering({})) as jobs:
        await jobs.run("recalc", {"days": "7"}, "run-1")
        assert jobs.units == ["sovani-recalc@7.service"]  # type: ignore[attr-defined]  # set above


async def test_the_reconciliation_says_how_many_are_left() -> None:
    async with shop(answering({"status": "success", "outliers_found": 3})) as jobs:
        assert await jobs.reconcile("2026-11-01", "2026-11-07", "k") == {"outliers_found": 3}
    async with shop(answering({"status": "success"})) as jobs:
        with pytest.raises(ActionFailed, match="job_answer_unclear"):
            await jobs.reconcile("2026-11-01", "2026-11-07", "k")


@pytest.mark.parametrize(
    "recipe", ["rm -rf /", "exec:/bin/sh", "api:jobs", "unit:-x", "api:/{shop}"]
)
def test_a_recipe_that_is_none_stops_the_start(recipe: str) -> None:
    with pytest.raises(ValidationError, match="neither api"):
        JobSettings(job_collect=recipe)
