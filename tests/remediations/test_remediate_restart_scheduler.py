"""Restart scheduler: warns of running jobs, and believes only a unit that runs."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.model import Facts, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import Service
from bot.edges.shop.limits import Limits
from bot.edges.shop.sqlite import SqliteShop
from bot.remediations.remediate_restart_scheduler import remediation
from tests.edges.shop.helpers import ROOT, words
from tests.remediations.fakes import (
    JOB,
    FakeControl,
    FakeServices,
    FakeShop,
    scheduler,
    tools,
)

UNIT: Facts = {
    "unit": "sovani-scheduler",
    "running": True,
    "detail": "active (running)",
    "run_id": "1",
    "restarts": None,
    "memory_bytes": None,
}
DOWN = Unreadable(phrase("shop_locked", path="shop.db", detail=""), Source.SHOP_DATABASE)


async def test_the_question_warns_of_running_jobs() -> None:
    shop = FakeShop([{"job_name": "recalc"}, {"job_name": "collect"}])
    answer = await remediation().preflight(
        tools(shop=shop, services=FakeServices(scheduler())), JOB
    )
    assert answer == {**UNIT, "jobs": ["recalc", "collect"]}
    assert shop.calls == [
        ("remediations/running_jobs.sql.j2", {"since": "2026-11-22 10:25:00"}),
    ]


async def test_jobs_that_nobody_can_see_do_not_forbid_a_restart() -> None:
    answer = await remediation().preflight(
        tools(shop=FakeShop(DOWN), services=FakeServices(scheduler())), JOB
    )
    assert answer == {**UNIT, "jobs": None}


async def test_a_dead_scheduler_may_be_restarted() -> None:
    dead = scheduler(running=False, detail="failed")
    answer = await remediation().preflight(
        tools(shop=FakeShop([]), services=FakeServices(dead)), JOB
    )
    assert answer == {**UNIT, "running": False, "detail": "failed", "jobs": []}


async def test_without_a_service_manager_it_is_refused() -> None:
    answer = await remediation().preflight(tools(services=FakeServices(None)), JOB)
    assert isinstance(answer, Refused)
    assert "no service manager" in words(answer.why)


async def test_a_service_manager_that_does_not_answer_is_a_refusal() -> None:
    answer = await remediation().preflight(tools(services=FakeServices(DOWN)), JOB)
    assert answer == Refused(DOWN.why)


async def test_only_the_scheduler_is_restarted_and_once() -> None:
    control = FakeControl(scheduler())
    assert await remediation().act(tools(control=control), JOB) == UNIT
    assert control.calls == [(Service.SCHEDULER,)]


async def test_a_unit_that_does_not_run_afterwards_is_a_failure() -> None:
    control = FakeControl(scheduler(running=False, detail="failed"))
    with pytest.raises(ActionFailed) as caught:
        await remediation().act(tools(control=control), JOB)
    assert "does not run: failed" in words(caught.value)


def test_two_automatic_restarts_are_half_an_hour_apart() -> None:
    assert remediation().automatic_pause.total_seconds() == 1800


async def test_only_jobs_that_really_run_are_named(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("""
            CREATE TABLE job_runs (job_name, started_at, finished_at, status);
            INSERT INTO job_runs VALUES
                ('runs', '2026-11-22 11:00:00', NULL, 'running'),
                ('died long ago', '2026-11-22 02:00:00', NULL, 'running'),
                ('done', '2026-11-22 11:00:00', '2026-11-22 11:01:00', 'success');
        """)
    shop = SqliteShop(
        file,
        sql=lambda name, **_: (ROOT / "templates" / name).read_text(),
        limits=Limits(),
    )
    answer = await remediation().preflight(
        tools(shop=shop, services=FakeServices(scheduler())), JOB
    )
    assert answer == {**UNIT, "jobs": ["runs"]}


@pytest.mark.parametrize(
    ("asked", "runs", "refused"),
    [
        (["collect"], ["collect"], None),  # the question named it
        (["collect"], [], None),  # it is over meanwhile
        ([], ["recalc"], ["recalc"]),
        (["collect"], ["collect", "recalc"], ["recalc"]),
        (None, ["recalc"], ["recalc"]),  # the question could not tell
    ],
)
async def test_a_job_that_the_question_did_not_name_is_not_ended(
    asked: list[str] | None, runs: list[str], refused: list[str] | None
) -> None:
    confirmed = replace(JOB, before={**UNIT, "jobs": asked})
    shop = FakeShop([{"job_name": name} for name in runs])
    answer = await remediation().preflight(
        tools(shop=shop, services=FakeServices(scheduler())), confirmed
    )
    assert isinstance(answer, Refused) == (refused is not None)
    if isinstance(answer, Refused):
        assert answer.why == phrase("restart_job_runs", jobs=refused)


async def test_by_itself_it_ends_no_job() -> None:
    shop = FakeShop([{"job_name": "recalc"}])
    answer = await remediation().preflight(
        tools(shop=shop, services=FakeServices(scheduler())), replace(JOB, who=None)
    )
    assert isinstance(answer, Refused)
