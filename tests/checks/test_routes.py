"""The slowest endpoints of a week: added up round by round, across restarts of both sides."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.model import Facts
from bot.core.runbook import Runbook
from bot.core.tools import Sample, Tools
from checks import _routes
from tests.checks.fakes import NOON, FakeMemory, FakePrometheus, FakeWeb, moment
from tests.checks.test_api_latency_p95 import FAST, SLOW, Api

SALES, PNL = "/api/v1/sales", "/api/v1/pnl"
ROUND, DAY = timedelta(minutes=5), timedelta(days=1)


class Watched:
    def __init__(self, latency: Runbook, tools: Tools) -> None:
        self.latency, self.tools, self.api = latency, tools, Api()

    async def round(self, now: datetime) -> None:
        seeing = replace(self.tools, web=FakeWeb(self.api.metrics()))
        await self.latency.detect(seeing, moment(now))

    async def clear_cache(self, now: datetime) -> None:
        seeing = replace(self.tools, web=FakeWeb(self.api.metrics()))
        assert self.latency.trial is not None
        await self.latency.trial.begin(seeing, moment(now))

    async def week(self, now: datetime) -> Facts:
        seeing = replace(self.tools, web=FakeWeb(self.api.metrics()))
        return await self.latency.details["week"](seeing, moment(now))


@pytest.fixture
def watched(runbooks: dict[str, Runbook], tools: Tools) -> Watched:
    return Watched(runbooks["check_api_latency_p95"], tools)


def told(facts: Facts) -> list[tuple[object, object]]:
    endpoints = facts["endpoints"]
    assert isinstance(endpoints, list)
    return [(one["endpoint"], one["requests"]) for one in endpoints if isinstance(one, dict)]


async def test_requests_of_days_ago_count_and_those_before_the_first_look_do_not(
    watched: Watched,
) -> None:
    watched.api.serve(1000, SLOW, PNL)  # before anybody looked
    await watched.round(NOON - 3 * DAY)
    watched.api.serve(40, SLOW, SALES)
    await watched.round(NOON - 3 * DAY + ROUND)
    watched.api.serve(60, FAST, PNL)
    await watched.round(NOON)
    found = await watched.week(NOON)
    assert told(found) == [(f"GET {SALES}", 40), (f"GET {PNL}", 60)]
    assert found["since"] == (NOON - 3 * DAY).isoformat()


async def test_a_restart_of_the_api_loses_nothing(watched: Watched) -> None:
    await watched.round(NOON)
    watched.api.serve(40, SLOW, SALES)
    await watched.round(NOON + ROUND)
    watched.api = Api()
    watched.api.serve(5, SLOW, SALES)
    await watched.round(NOON + 2 * ROUND)
    assert told(await watched.week(NOON + 2 * ROUND)) == [(f"GET {SALES}", 45)]


async def test_a_cleared_cache_loses_nothing(watched: Watched) -> None:
    """The check begins anew there; the requests that led to it are slow ones of the week."""
    await watched.round(NOON)
    watched.api.serve(40, SLOW, SALES)
    await watched.clear_cache(NOON + ROUND / 2)
    watched.api.serve(5, FAST, SALES)
    await watched.round(NOON + ROUND)
    assert told(await watched.week(NOON + ROUND)) == [(f"GET {SALES}", 45)]


async def test_what_is_older_than_a_week_is_forgotten(watched: Watched) -> None:
    await watched.round(NOON)
    for at in (NOON, NOON + 5 * DAY, NOON + 8 * DAY):
        watched.api.serve(10, SLOW, SALES)
        await watched.round(at + ROUND)
    found = await watched.week(NOON + 8 * DAY + ROUND)
    assert told(found) == [(f"GET {SALES}", 20)]
    memory = watched.tools.memory
    assert isinstance(memory, FakeMemory)
    assert len([key for key in memory.kept if key.startswith(_routes.KEY)]) <= 8


async def test_after_a_whole_week_nothing_is_said_of_the_beginning(watched: Watched) -> None:
    for n in range(9):
        watched.api.serve(1, SLOW, SALES)
        await watched.round(NOON + n * DAY)
    assert (await watched.week(NOON + 8 * DAY))["since"] is None


async def test_before_the_second_look_it_is_the_life_of_the_api(watched: Watched) -> None:
    watched.api.serve(7, SLOW, SALES)
    found = await watched.week(NOON)
    assert (told(found), found["since"]) == ([(f"GET {SALES}", 7)], "start")


async def test_a_day_keeps_only_the_most_asked(watched: Watched) -> None:
    await watched.round(NOON)
    for n in range(150):
        watched.api.serve(1 + n, FAST, f"/api/v1/{n}")
    await watched.round(NOON + ROUND)
    found = told(await watched.week(NOON + ROUND))
    assert len(found) == 100
    assert min(int(str(requests)) for _, requests in found) == 51


async def test_prometheus_is_asked_for_seven_days(watched: Watched) -> None:
    labels = {"method": "GET", "endpoint": SALES}
    server = FakePrometheus(
        {"histogram_quantile(0.95, sum by (le, method": [Sample("", labels, 2.0)]}
    )
    watched.tools = replace(watched.tools, prometheus=server)
    found = await watched.week(NOON)
    assert found["since"] is None
    assert all("[604800s]" in query for query in server.asked)
