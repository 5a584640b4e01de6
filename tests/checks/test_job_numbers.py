"""What `/jobs` shows of a job, from its runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.core.runbook import Runbook
from bot.core.tools import Tools
from checks._job_numbers import next_due, numbers
from checks._runs import Outcome, Run
from tests.checks.fakes import NOON, moment
from tests.checks.shop import ONE_DAY, Shop

NIGHTLY = "0 2 * * *"


def run(days_ago: float, outcome: Outcome = Outcome.SUCCESS, seconds: float | None = 40.0) -> Run:
    return Run(started=NOON - timedelta(days=days_ago), outcome=outcome, seconds=seconds)


def of(runs: Sequence[Run]) -> dict[str, Any]:
    found = numbers("job", NIGHTLY, runs, NOON, 120.0)
    assert isinstance(found, dict)
    return found


def test_median_of_what_succeeded_and_the_longest_of_all() -> None:
    runs = [run(4, Outcome.FAILED, 900.0), run(3, seconds=30.0), run(2, seconds=None), run(1)]
    found = of(runs)
    assert (found["count"], found["failed"]) == (4, 1)
    assert (found["median_sec"], found["max_sec"]) == (35.0, 900.0)
    assert [one["long"] for one in found["runs"]] == [True, False, False, False]
    assert found["overrunning"] is False


def test_a_run_that_goes_on_is_no_failure_until_it_is_too_long() -> None:
    fresh = of([run(1), run(1 / 1440, Outcome.RUNNING, None)])
    assert (fresh["running_sec"], fresh["overrunning"], fresh["failed"]) == (60, False, 0)
    stuck = of([run(1), run(1 / 24, Outcome.RUNNING, None)])
    assert (stuck["running_sec"], stuck["overrunning"]) == (3600, True)
    assert stuck["runs"][-1]["seconds"] == 3600


def test_a_job_that_never_ran_has_no_numbers() -> None:
    found = of([])
    assert (found["count"], found["median_sec"], found["max_sec"]) == (0, None, None)
    assert found["next_due"] == "2026-11-24T02:00:00+00:00"


def test_next_due_is_always_ahead() -> None:
    assert next_due("0 9 * * *", NOON) == "2026-11-24T09:00:00+00:00"  # it is nine sharp
    assert next_due("0 10 * * *", NOON) == "2026-11-23T10:00:00+00:00"


async def test_every_job_of_the_schedule_is_there(
    shop: Shop, tools: Tools, runbooks: dict[str, Runbook]
) -> None:
    for n in range(1, 60):
        shop.job("collect_yesterday_data", f"{NOON.date() - n * ONE_DAY} 02:00:00")
    found = await runbooks["check_scheduler_on_time"].details["jobs"](tools, moment())
    jobs = found["jobs"]
    assert isinstance(jobs, list)
    counts = {one["job"]: one["count"] for one in jobs if isinstance(one, dict)}
    assert counts == {"collect_yesterday_data": 34, "recalc_recent_metrics": 0}
