"""What checks promise over weeks, read from a real shop."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Unreadable
from bot.core.runbook import Runbook
from bot.core.slo import Slice, by_subject
from bot.core.tools import Tools
from tests.checks.fakes import MOSCOW, NOON, FakePrometheus, moment
from tests.checks.shop import ONE_DAY, Shop

COLLECT, RECALC = "collect_yesterday_data", "recalc_recent_metrics"


@pytest.fixture(autouse=True)
def trading(shop: Shop) -> Shop:
    shop.stock_skus()
    shop.sell_daily(moment().yesterday)
    return shop


async def events(runbook: Runbook, tools: Tools, days: int = 7) -> list[Slice]:
    assert runbook.objective is not None
    assert runbook.objective.events is not None
    since = NOON.replace(hour=21) - days * ONE_DAY  # midnight in Moscow
    return list(await runbook.objective.events(tools, since, NOON, MOSCOW))


def tallies(slices: list[Slice]) -> dict[str, tuple[float, float, float]]:
    return {name: (one.good, one.bad, one.unknown) for name, one in by_subject(slices).items()}


@pytest.fixture
def ingest(runbooks: dict[str, Runbook]) -> Runbook:
    return runbooks["check_ingest_success_rate"]


@pytest.fixture
def scheduler(runbooks: dict[str, Runbook]) -> Runbook:
    return runbooks["check_scheduler_on_time"]


async def test_days_that_came_in_are_good(tools: Tools, ingest: Runbook) -> None:
    assert tallies(await events(ingest, tools)) == {"OZON": (7, 0, 0), "WB": (7, 0, 0)}


async def test_a_day_is_judged_when_it_is_due(tools: Tools, ingest: Runbook) -> None:
    [last] = [one for one in await events(ingest, tools, days=1) if one.subject == "WB"]
    assert last.at == NOON.replace(hour=3)  # 06:00 in Moscow, of yesterday's sales


async def test_a_missing_day_is_bad_for_its_marketplace_alone(
    trading: Shop, tools: Tools, ingest: Runbook
) -> None:
    trading.run("DELETE FROM daily_sales WHERE d = '2026-11-20' AND sku_id IN (1, 2)")
    assert tallies(await events(ingest, tools)) == {"OZON": (7, 0, 0), "WB": (6, 1, 0)}


async def test_a_weekday_that_never_sells_is_unknown_and_not_good(
    trading: Shop, tools: Tools, ingest: Runbook
) -> None:
    trading.run("DELETE FROM daily_sales WHERE strftime('%w', d) = '0'")  # Sundays
    assert tallies(await events(ingest, tools))["WB"] == (6, 0, 1)


async def test_a_new_shop_has_promised_nothing_before_it_began(
    trading: Shop, tools: Tools, ingest: Runbook
) -> None:
    trading.run("DELETE FROM daily_sales WHERE d < '2026-11-13'")
    assert tallies(await events(ingest, tools, days=30))["WB"] == (10, 0, 20)


async def test_a_day_whose_collector_failed_is_bad_until_it_is_caught_up(
    trading: Shop, tools: Tools, ingest: Runbook
) -> None:
    for day, status in ((21, "failed"), (22, "failed"), (23, "success")):
        trading.job(COLLECT, f"2026-11-{day} 02:00:00", status)
    trading.job(COLLECT, "2026-11-22 05:00:00", "success")
    trading.job(COLLECT, "2026-11-23 05:00:00", "running")
    assert tallies(await events(ingest, tools))["WB"] == (6, 1, 0)


async def test_without_job_runs_the_sales_alone_tell(
    trading: Shop, tools: Tools, ingest: Runbook
) -> None:
    trading.run("DROP TABLE job_runs")
    assert tallies(await events(ingest, tools))["WB"] == (7, 0, 0)
    trading.run("DROP TABLE daily_sales")
    with pytest.raises(Unreadable):
        await events(ingest, tools)


async def test_runs_on_time_are_good_and_all_else_is_bad(
    trading: Shop, tools: Tools, scheduler: Runbook
) -> None:
    for n in range(60):
        day = moment().today - n * ONE_DAY
        if n != 1:
            trading.job(RECALC, f"{day} 03:00:00", "failed" if n == 2 else "success")
        trading.job(COLLECT, f"{day} {'06' if n == 3 else '02'}:00:00")
    found = await events(scheduler, tools)
    assert tallies(found) == {COLLECT: (6, 1, 0), RECALC: (5, 2, 0)}
    assert Counter(one.at.day for one in found if one.bad) == {20: 1, 21: 1, 22: 1}


async def test_before_the_first_known_run_nothing_is_known(
    trading: Shop, tools: Tools, scheduler: Runbook
) -> None:
    assert tallies(await events(scheduler, tools)) == {COLLECT: (0, 0, 7), RECALC: (0, 0, 7)}
    for n in range(3):
        trading.job(COLLECT, f"{moment().today - n * ONE_DAY} 02:00:00")
    # The other job never ran: it is blamed from the day on that any run was recorded.
    assert tallies(await events(scheduler, tools)) == {COLLECT: (3, 0, 4), RECALC: (0, 3, 4)}


async def test_a_run_that_is_under_way_or_not_yet_late_is_not_judged(
    trading: Shop, tools: Tools, scheduler: Runbook
) -> None:
    for n in range(9):
        trading.job(COLLECT, f"{moment().today - n * ONE_DAY} 02:00:00")
        status = "running" if n == 0 else "success"
        trading.job(RECALC, f"{moment().today - n * ONE_DAY} 03:00:00", status)
    assert tallies(await events(scheduler, tools)) == {COLLECT: (7, 0, 0), RECALC: (6, 0, 0)}


async def test_the_p95_of_a_period_is_that_of_its_requests(
    tools: Tools, runbooks: dict[str, Runbook]
) -> None:
    objective = runbooks["check_api_latency_p95"].objective
    assert objective is not None
    assert objective.p95 is not None
    buckets = {"0.5": 90.0000001, "1.0": 100.0, "+Inf": 100.0}
    since = NOON - timedelta(days=7)
    assert await objective.p95(tools, since, NOON, buckets) == 750
    assert await objective.p95(tools, since, NOON, {}) is None
    asked = FakePrometheus()
    assert await objective.p95(replace(tools, prometheus=asked), since, NOON, buckets) is None
    [query] = asked.asked
    assert f"[604800s] @ {NOON.timestamp():.0f}" in query
