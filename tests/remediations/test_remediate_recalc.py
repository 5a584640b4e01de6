"""Recalculate: as many days as said, never beside a running job, figures before and after."""

from dataclasses import replace

from bot.core.runbook import Refused
from bot.remediations import _jobs
from bot.remediations.remediate_collect import remediation as collect
from bot.remediations.remediate_recalc import remediation
from tests.remediations.fakes import JOB, FakeJobs, FakeShop, tools

WEEK = replace(JOB, args={"days": 7})
SUMS = [{"net_rub": -12.5, "profit_rub": 4000.0}]


async def test_figures_of_those_days_are_read_before_and_after() -> None:
    shop = FakeShop(SUMS)
    verify = remediation().verify
    assert verify is not None
    assert await verify(tools(shop=shop), WEEK, {}) == SUMS[0]
    assert shop.calls == [
        ("remediations/recalc_sums.sql.j2", {"since": "2026-11-15", "until": "2026-11-22"})
    ]


async def test_beside_a_running_job_it_is_refused() -> None:
    shop = FakeShop([{"job_name": "recalc_recent_metrics"}])
    found = await remediation().preflight(tools(shop=shop, jobs=FakeJobs()), WEEK)
    assert isinstance(found, Refused)
    assert found.why.key == "job_running"


async def test_it_is_started_with_its_days() -> None:
    jobs = FakeJobs({"result": {}})
    await remediation().act(tools(jobs=jobs), WEEK)
    assert jobs.calls == [("recalc", {"days": "7"}, JOB.key)]


def test_a_collection_and_a_recalculation_share_one_lock() -> None:
    assert remediation().lock({"days": 7}) == collect().lock({"date": "x"}) == _jobs.LOCK
