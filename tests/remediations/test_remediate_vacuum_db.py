"""Run VACUUM: only when it is worth it, possible, and nobody is in its way."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.job import Job
from bot.core.model import Facts, Phrase, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused
from bot.core.tools import ActionTools
from bot.edges.job_calendar import CronCalendar
from bot.edges.shop import open_shop
from bot.edges.shop.maintenance import SqliteMaintenance
from bot.edges.templates import Templates, plain
from bot.remediations.remediate_vacuum_db import judge, remediation
from tests.edges.shop.helpers import bloated, build, shop_at, words
from tests.remediations.fakes import (
    JOB,
    MOMENT,
    NOW,
    FakeMaintenance,
    FakeServices,
    FakeShop,
    scheduler,
    tools,
)

GB = 1_000_000_000
WORTH_IT: Facts = {
    "total_bytes": 6 * GB,
    "frees_bytes": 3 * GB,
    "needs_disk_bytes": 6 * GB,
    "disk_free_bytes": 50 * GB,
    "about_seconds": 60,
    "busy": False,
    "writers": [],
    "locks_writers": True,
}


def why(**changes: object) -> Phrase | None:
    return judge({**WORTH_IT, **changes})  # type: ignore[dict-item]  # any fact of a table


@pytest.mark.parametrize(
    ("total", "frees", "refused"),
    [
        (6 * GB, 3 * GB, False),
        (6 * GB, GB // 10, False),  # a small share of a large file is a lot
        (6 * GB, GB // 10 - 1, True),
        (2_000_000, 1_000_000, False),  # a demo's file is rewritten in a moment
        (2_000_000, 200_000, False),
        (2_000_000, 199_999, True),
        (2_000_000, 0, True),
    ],
)
def test_it_must_be_worth_the_lock(total: int, frees: int, *, refused: bool) -> None:
    answer = why(total_bytes=total, frees_bytes=frees)
    assert (answer is not None) == refused
    if answer:
        assert f"only {frees} of {total}" in words(answer)


def test_a_writer_at_work_is_left_in_peace_and_named() -> None:
    answer = why(busy=True, writers=["python3 (17)"])
    assert answer is not None
    assert "(it is open in python3 (17))" in words(answer)
    answer = why(busy=True)
    assert answer is not None
    assert "open in" not in words(answer)


def test_a_program_that_only_holds_the_file_is_no_hindrance() -> None:
    assert why(writers=["python3 (17)"]) is None


@pytest.mark.parametrize(("free", "refused"), [(6 * GB, False), (6 * GB - 1, True)])
def test_the_disk_must_have_room(free: int, *, refused: bool) -> None:
    answer = why(disk_free_bytes=free)
    assert (answer is not None) == refused
    if answer:
        assert f"needs {6 * GB}" in words(answer)


def test_the_temporary_folder_must_have_room_too() -> None:
    elsewhere = {"temporary_folder": "/var/tmp", "needs_temporary_bytes": 3 * GB}  # noqa: S108
    assert why(**elsewhere, temporary_free_bytes=3 * GB) is None
    answer = why(**elsewhere, temporary_free_bytes=GB)
    assert answer is not None
    assert "in /var/tmp" in words(answer)


def test_a_server_s_disk_is_not_asked_for() -> None:
    assert why(disk_free_bytes=None, needs_disk_bytes=0) is None


async def test_the_facts_are_those_of_the_question() -> None:
    maintenance = FakeMaintenance(WORTH_IT)
    answer = await remediation().preflight(tools(maintenance=maintenance, shop=FakeShop([])), JOB)
    assert not isinstance(answer, Refused)
    times = answer["timings"]
    assert isinstance(times, dict)
    assert list(times) == ["sold_lately", "day_rows", "reconciled"]
    assert answer == {**WORTH_IT, "jobs_seen": True, "timings": times}
    assert maintenance.calls == [("vacuum_needs",)]


@pytest.mark.parametrize(
    "trouble",
    [
        ActionFailed(phrase("shop_no_tables", path="shop.db")),
        Unreadable(phrase("shop_no_tables", path="shop.db"), Source.SHOP_DATABASE),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_refusal(trouble: Exception) -> None:
    answer = await remediation().preflight(tools(maintenance=FakeMaintenance(trouble)), JOB)
    assert isinstance(answer, Refused)
    assert "has no tables" in words(answer.why)


async def test_a_real_file_is_made_smaller_once(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db")
    before = file.stat().st_size
    real = tools(maintenance=SqliteMaintenance(file), shop=shop_at(file))
    question = await remediation().preflight(real, JOB)
    assert not isinstance(question, Refused)
    facts = await remediation().act(real, JOB)
    assert facts["after_bytes"] == file.stat().st_size < before
    again = await remediation().preflight(real, JOB)
    assert isinstance(again, Refused)
    assert again.why.key == "vacuum_little_to_gain"


async def test_after_a_crash_it_says_what_is_on_the_disk(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db")
    journal = tmp_path / "shop.db-journal"
    maintenance = SqliteMaintenance(file)
    real = tools(maintenance=maintenance, shop=shop_at(file))
    question = await remediation().preflight(real, JOB)
    assert not isinstance(question, Refused)
    job = replace(JOB, before=question)
    assert "So VACUUM had changed nothing." in await found(real, job)
    journal.write_bytes(bytes(5000))
    assert "A journal of 5 kB is beside it" in await found(real, job)
    journal.unlink()
    await maintenance.vacuum(JOB.stop)
    assert "So VACUUM had come to its end." in await found(real, job)


async def test_after_a_crash_nothing_is_taken_for_done_or_undone_on_a_server() -> None:
    """It goes table by table, and goes on without the one that asked for it."""
    job = replace(JOB, before=WORTH_IT)
    for left in (0, GB, 3 * GB):
        there: Facts = {"main_bytes": 6 * GB, "free_bytes": left}
        said = await found(tools(maintenance=FakeMaintenance(there)), job)
        assert "So VACUUM had" not in said
        assert "The server may be at it still" in said


async def found(at: ActionTools, job: Job) -> str:
    probe = remediation().probe
    assert probe is not None
    templates = Templates(zone=MOMENT.zone, clock=lambda: NOW)
    return plain(
        templates.render("remediations/found_vacuum_db.html.j2", found=await probe(at, job))
    )


async def test_a_real_file_without_free_pages_is_refused(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db")
    answer = await remediation().preflight(tools(maintenance=SqliteMaintenance(file)), JOB)
    assert isinstance(answer, Refused)
    assert answer.why.key == "vacuum_little_to_gain"


JOB_RUNS = """
    CREATE TABLE job_runs (id INTEGER PRIMARY KEY, job_name TEXT, started_at TEXT,
                           finished_at TEXT, status TEXT);
"""
MINUTE = timedelta(minutes=1)


def with_jobs(
    tmp_path: Path,
    *runs: tuple[str, timedelta, bool],
    service: object = None,
    needs: Facts = WORTH_IT,
) -> ActionTools:
    """A real table of runs: the job, how long ago it began, whether it has ended."""
    file = build(tmp_path / "shop.db", JOB_RUNS)
    with closing(sqlite3.connect(file)) as connection, connection:
        for job, ago, ended in runs:
            began = f"{NOW - ago:%Y-%m-%d %H:%M:%S}"
            row = (job, began, began if ended else None, "success" if ended else "running")
            connection.execute(
                "INSERT INTO job_runs (job_name, started_at, finished_at, status)"
                " VALUES (?, ?, ?, ?)",
                row,
            )
    templates = Templates(zone=MOMENT.zone, clock=lambda: NOW)
    return tools(
        maintenance=FakeMaintenance(needs),
        shop=open_shop(f"sqlite:///{file}", sql=templates.sql),
        calendar=CronCalendar({"collect": "26 11 * * *"}),  # a minute from now
        services=FakeServices(service),
    )


async def test_a_job_that_runs_is_named_with_the_time_to_try_again(tmp_path: Path) -> None:
    answer = await remediation().preflight(with_jobs(tmp_path, ("recalc", MINUTE, False)), JOB)
    assert isinstance(answer, Refused)
    assert (answer.why.key, answer.why.values["jobs"]) == ("job_at_work", ["recalc"])
    assert answer.why.values["at"] is not None


async def test_a_job_due_before_the_end_is_waited_for(tmp_path: Path) -> None:
    here = with_jobs(tmp_path, ("recalc", 50 * MINUTE, True), service=scheduler())
    answer = await remediation().preflight(here, JOB)
    assert isinstance(answer, Refused)
    said = plain(Templates(zone=MOMENT.zone, clock=lambda: NOW).say(answer.why))
    assert said == (
        "collect is due 14:26, and would fail on a database that is locked for about 1 min. "
        "Try again about 14:28."
    )
    later = replace(JOB, moment=replace(MOMENT, now=NOW + 20 * MINUTE))
    assert not isinstance(await remediation().preflight(here, later), Refused)


@pytest.mark.parametrize(("patience", "refused"), [(119.0, True), (120.0, False)])
async def test_a_lock_that_the_jobs_wait_out_minds_no_due_time(
    tmp_path: Path, patience: float, *, refused: bool
) -> None:
    here = with_jobs(tmp_path, service=scheduler())
    calendar = CronCalendar({"collect": "26 11 * * *"}, patience=patience)
    answer = await remediation().preflight(replace(here, calendar=calendar), JOB)
    assert isinstance(answer, Refused) == refused


async def test_a_job_that_runs_counts_whatever_the_jobs_wait_for(tmp_path: Path) -> None:
    here = with_jobs(tmp_path, ("recalc", MINUTE, False))
    patient = replace(here, calendar=CronCalendar({}, patience=600))
    assert isinstance(await remediation().preflight(patient, JOB), Refused)


async def test_a_scheduler_that_is_stopped_starts_nothing(tmp_path: Path) -> None:
    stopped = scheduler(running=False, detail="inactive (dead)")
    answer = await remediation().preflight(with_jobs(tmp_path, service=stopped), JOB)
    assert not isinstance(answer, Refused)
    assert answer == {**WORTH_IT, "jobs_seen": True, "timings": {}}


async def test_a_server_locks_nobody_out_and_waits_for_no_job(tmp_path: Path) -> None:
    needs = {**WORTH_IT, "locks_writers": False, "disk_free_bytes": None}
    here = with_jobs(tmp_path, ("recalc", MINUTE, False), needs=needs)
    assert await remediation().preflight(here, JOB) == {**needs, "timings": {}}


async def test_where_runs_cannot_be_read_the_question_says_so() -> None:
    gone = FakeShop(Unreadable(phrase("shop_missing_column", column="job_runs")))
    here = tools(maintenance=FakeMaintenance(WORTH_IT), shop=gone)
    before = await remediation().preflight(here, JOB)
    assert before == {**WORTH_IT, "jobs_seen": False, "timings": {}}
    templates = Templates(zone=MOMENT.zone, clock=lambda: NOW)
    question = templates.render("remediations/ask_vacuum_db.html.j2", before=before)
    assert "cannot be seen" in question
    asked = templates.render("remediations/ask_vacuum_db.html.j2", before=WORTH_IT)
    assert "cannot be seen" not in asked
