"""Reconcile: a period that is over, once, with outliers before and after."""

from dataclasses import replace

import pytest

from bot.core.runbook import Refused
from bot.remediations.remediate_reconcile import remediation
from tests.remediations.fakes import JOB, FakeJobs, FakeShop, tools

PERIOD = replace(JOB, args={"from": "2026-11-01", "to": "2026-11-07"})
FOUND = [{"outliers": 9, "stake_rub": 1200.0}]


async def test_outliers_of_the_whole_last_day_count() -> None:
    shop = FakeShop(FOUND)
    assert await remediation().preflight(tools(shop=shop), PERIOD) == FOUND[0]
    assert shop.calls == [
        ("remediations/reconciled.sql.j2", {"since": "2026-11-01", "until": "2026-11-08"})
    ]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-07", "2026-11-01"), ("2026-11-01", "2026-12-01"), ("2026-01-01", "2026-11-01")],
)
async def test_a_period_that_makes_no_sense_is_refused(first: str, last: str) -> None:
    job = replace(JOB, args={"from": first, "to": last})
    found = await remediation().preflight(tools(shop=FakeShop(FOUND)), job)
    assert isinstance(found, Refused)


async def test_the_web_api_is_asked_once() -> None:
    jobs = FakeJobs({"outliers_found": 2})
    assert await remediation().act(tools(jobs=jobs), PERIOD) == {"outliers_found": 2}
    assert jobs.calls == [("2026-11-01", "2026-11-07", JOB.key)]
