"""SoVAni's jobs, started over a real HTTP server or as a unit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.core.runbook import ActionFailed
from bot.edges.jobs import ShopJobs
from bot.edges.templates import Templates
from bot.settings_jobs import JobSettings
from tests.conftest import NOON

TEMPLATES = Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON)
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


def page(status: int) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>Gateway Time-out</html>")

    return handle


async def breaks_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("handler", "key"),
    [
        pytest.param(page(502), "http_status", id="the proxy: 502"),
        pytest.param(page(504), "http_status", id="the proxy: 504"),
        pytest.param(answering({"message": "upstream"}, 504), "http_status", id="a proxy's JSON"),
        pytest.param(page(500), "http_status", id="a page of an error"),
        pytest.param(page(503), "http_status", id="a page of 503"),
        pytest.param(breaks_off, "http_broken_off", id="the connection"),
    ],
)
async def test_nobody_is_told_no_where_the_job_may_have_been_started(
    handler: Handler, key: str
) -> None:
    """Who reads "no" starts it again."""
    async with shop(handler) as jobs:
        with pytest.raises(ActionFailed) as collected:
            await jobs.run("collect", {"date": "2026-11-24"}, "run-1")
        with pytest.raises(ActionFailed) as compared:
            await jobs.reconcile("2026-11-01", "2026-11-07", "run-2")
    for failed in (collected.value.why, compared.value.why):
        assert failed.key == key
        said = TEMPLATES.say_plain(failed)
        assert said.endswith("It may have been done all the same.")


async def test_a_page_of_nowhere_is_no_start() -> None:
    async with shop(page(404)) as jobs:
        with pytest.raises(ActionFailed) as failed:
            await jobs.run("collect", {"date": "2026-11-24"}, "run-1")
    said = TEMPLATES.say_plain(failed.value.why)
    assert said.endswith("/jobs/collect answered with HTTP 404: there is nothing at this address.")


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
