"""Stop job: only a unit that the settings name, only while it is at work, proved by its state."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.job import Job
from bot.core.missed import Missed
from bot.core.model import Alert, Moment, Severity, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed, Guard, Refused
from bot.core.tools import UnitState
from bot.edges.jobs import ShopJobs
from bot.edges.templates import Templates, plain
from bot.remediations.remediate_stop_job import remediation
from tests.remediations.fakes import JOB, NOW, FakeControl, FakeJobs, alert, tools

NAME = "collect_yesterday_data"
UNIT = "sovani-collect@2026-11-22.service"
MOSCOW = ZoneInfo("Europe/Moscow")
AT_WORK = UnitState(unit=UNIT, at_work=True, detail="activating (start)", since=NOW)
IDLE = UnitState(unit=UNIT, at_work=False, detail="inactive (dead)")
UNITS = {NAME: "sovani-collect@{date}.service"}


def too_long(problem: str = "never_finished") -> Alert:
    facts = {"problem": problem, "due": "2026-11-23T02:00:00+00:00"}
    return replace(
        alert(),
        check="check_scheduler_on_time",
        subject=NAME,
        facts=facts,
        severity=Severity.ERROR,
    )


def asked(job: str = "", **more: object) -> Job:
    return replace(JOB, args={"job": job}, **more)  # type: ignore[arg-type]  # a job's fields


def said(why: object) -> str:
    return plain(Templates(zone=MOSCOW, clock=lambda: NOW).say(why))  # type: ignore[arg-type]


async def test_the_card_s_button_asks_for_the_unit_of_that_job_and_day() -> None:
    control = FakeControl(AT_WORK)
    here = tools(jobs=FakeJobs(units=UNITS), control=control)
    before = await remediation().preflight(here, asked(alert=too_long()))
    assert not isinstance(before, Refused)
    assert (before["job"], before["unit"]) == (NAME, UNIT)
    assert control.calls == [("state", UNIT)]  # due on the 23rd, it works on the day before
    text = Templates(zone=MOSCOW, clock=lambda: NOW).render(
        "remediations/ask_stop_job.html.j2", before=before
    )
    assert plain(text).startswith(f"Stops {UNIT}, the unit of {NAME}, which is activating (start)")


async def test_it_stops_what_the_question_named_and_nothing_else() -> None:
    control = FakeControl(IDLE)
    here = tools(control=control)
    after = await remediation().act(here, asked(before={"unit": UNIT}))
    verify = remediation().verify
    assert verify is not None
    assert await verify(here, JOB, after) == {"detail": "inactive (dead)"}
    assert control.calls == [("stop", UNIT), ("state", UNIT)]


async def test_an_order_that_was_taken_is_no_proof() -> None:
    verify = remediation().verify
    assert verify is not None
    with pytest.raises(ActionFailed) as failed:
        await verify(tools(control=FakeControl(AT_WORK)), JOB, {"unit": UNIT})
    assert said(failed.value.why) == f"{UNIT} is activating (start) still."


async def test_a_job_inside_the_scheduler_points_to_its_restart() -> None:
    control = FakeControl(AT_WORK)
    here = tools(jobs=FakeJobs(), control=control)
    answer = await remediation().preflight(here, asked("recalc_recent_metrics"))
    assert isinstance(answer, Refused)
    assert "Restart scheduler breaks it off" in said(answer.why)
    assert control.calls == []


async def test_a_unit_that_is_not_at_work_is_left_alone() -> None:
    here = tools(jobs=FakeJobs(units=UNITS), control=FakeControl(IDLE))
    answer = await remediation().preflight(here, asked(NAME))
    assert isinstance(answer, Refused)
    assert "there is nothing to stop" in said(answer.why)


@pytest.mark.parametrize("other", ["sovani-scheduler", "sshd.service", "../x", "stop"])
async def test_no_other_unit_can_be_named(other: str) -> None:
    control = FakeControl(AT_WORK)
    answer = await remediation().preflight(
        tools(jobs=FakeJobs(units=UNITS), control=control), asked(other)
    )
    assert isinstance(answer, Refused)
    assert control.calls == []


async def test_typed_without_a_name_it_asks_which() -> None:
    answer = await remediation().preflight(tools(jobs=FakeJobs(units=UNITS)), asked())
    assert isinstance(answer, Refused)
    assert answer.why.key == "stop_job_which"


async def test_a_manager_that_cannot_be_asked_is_a_refusal() -> None:
    blind = Unreadable(phrase("service_not_found", manager="systemd", unit=UNIT), Source.CHECK)
    here = tools(jobs=FakeJobs(units=UNITS), control=FakeControl(blind))
    answer = await remediation().preflight(here, asked(NAME))
    assert isinstance(answer, Refused)


@pytest.mark.parametrize(
    ("problem", "shown"),
    [("overrunning", True), ("never_finished", True), ("missed", False), ("service", False)],
)
def test_its_button_is_on_the_card_of_a_job_that_runs_too_long(
    problem: str, *, shown: bool
) -> None:
    assert remediation().suits(too_long(problem)) == shown
    assert remediation().guard is Guard.CONFIRM


async def test_the_settings_name_the_units() -> None:
    async def start(_unit: str) -> None: ...

    jobs = ShopJobs(
        address="http://127.0.0.1:1",
        token=None,
        recipes={"collect": "unit:sovani-collect@{date}", "recalc": "api:/recalc"},
        start_unit=start,
        missed={NAME: Missed(NAME, "collect"), "figures": Missed("figures", "recalc", 14)},
    )
    day = date(2026, 11, 22)
    assert jobs.unit(NAME, day) == jobs.unit("collect", day) == "sovani-collect@2026-11-22"
    assert [jobs.unit(one, day) for one in ("recalc", "figures", "sshd")] == [None, None, None]
    days = replace(jobs, recipes={"recalc": "unit:sovani-recalc@{days}.service"})
    assert days.unit("figures", day) == "sovani-recalc@14.service"
    assert days.unit("recalc", day) == "sovani-recalc@7.service"
    await jobs.aclose()
    await days.aclose()


async def test_without_an_alert_it_is_the_unit_of_yesterday() -> None:
    control = FakeControl(AT_WORK)
    night = Moment(now=datetime(2026, 11, 22, 22, tzinfo=UTC), zone=MOSCOW)  # the 23rd there
    here = tools(jobs=FakeJobs(units=UNITS), control=control)
    await remediation().preflight(here, asked(NAME, moment=night))
    assert control.calls == [("state", UNIT)]
