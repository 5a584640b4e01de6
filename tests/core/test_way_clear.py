"""Whether the scheduler's jobs leave the database alone, minute by minute."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.tools.calendar import Due
from bot.core.way_clear import Run, judge, parse

DAY = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = 3600.0


def at(hour: int, minute: int = 0, second: int = 0, day: int = 24) -> datetime:
    return DAY.replace(day=day, hour=hour, minute=minute, second=second)


def ran(job: str, started: datetime, minutes: float) -> Run:
    return Run(job=job, started=started, ended=started + timedelta(minutes=minutes), running=False)


def runs(job: str, started: datetime) -> Run:
    return Run(job=job, started=started, ended=None, running=True)


NIGHTLY = [Due("collect", at(2)), Due("recalc", at(3)), Due("collect", at(2, day=25))]
YESTERDAY = [ran("collect", at(2, day=23), 20), ran("recalc", at(3, day=23), 30)]


@pytest.mark.parametrize(
    ("now", "seconds", "why", "again"),
    [
        pytest.param(at(0), 600, None, None, id="long before the first job"),
        pytest.param(at(1, 50), 600, "job_due_soon", at(2, 21), id="it would be in the job's way"),
        pytest.param(at(1, 30), 600, None, None, id="over in time, with room to spare"),
        pytest.param(
            at(1, 55), 1800, "job_due_soon", at(3, 31), id="the hour between is too short"
        ),
        pytest.param(at(2, 5), 60, "job_due_soon", at(2, 36), id="late: it may begin any moment"),
        pytest.param(at(2, 15), 60, None, None, id="missed: it begins no more"),
    ],
)
def test_what_is_due(now: datetime, seconds: float, why: str | None, again: object) -> None:
    late = now - timedelta(minutes=15)
    way = judge(YESTERDAY, [due for due in NIGHTLY if due.at > late], now, seconds)
    assert (way.why.key if way.why else None, way.at) == (why, again)


@pytest.mark.parametrize("seconds", [0.1, 600])
def test_a_job_that_runs_is_left_alone_however_short_the_lock(seconds: float) -> None:
    way = judge([*YESTERDAY, runs("collect", at(2))], [], at(2, 5), seconds)
    assert way.why is not None
    assert (way.why.key, way.why.values["jobs"]) == ("job_at_work", ["collect"])
    assert way.at == at(2, 21)  # as long as yesterday's, and a minute


def test_a_job_that_runs_longer_than_ever_is_looked_at_again_in_a_minute() -> None:
    way = judge([*YESTERDAY, runs("collect", at(2))], [], at(2, 40), 60)
    assert way.at == at(2, 41)


@pytest.mark.parametrize(("minutes", "lives"), [(60, True), (61, False)])
def test_a_row_without_an_end_is_a_job_that_died(minutes: int, *, lives: bool) -> None:
    now = at(2) + timedelta(minutes=minutes)
    assert (judge([*YESTERDAY, runs("collect", at(2))], [], now, 60).why is not None) == lives


def test_a_job_of_hours_is_not_taken_for_dead() -> None:
    long = ran("export", at(0, day=23), 120)
    assert judge([long, runs("export", at(0))], [], at(5), 60).why is not None
    assert judge([long, runs("export", at(0))], [], at(6, 1), 60).why is None


def test_a_due_job_that_has_run_is_no_hindrance() -> None:
    done = ran("collect", at(2), 1)
    assert judge([*YESTERDAY, done], NIGHTLY[:1], at(2, 5), 60).why is None
    assert judge([*YESTERDAY, ran("recalc", at(2), 1)], NIGHTLY[:1], at(2, 5), 60).why is not None


def test_jobs_without_a_gap_are_never_waited_for() -> None:
    often = [Due("sync", at(0) + timedelta(minutes=5 * n)) for n in range(1, 12 * 24)]
    way = judge([ran("sync", at(0), 1)], often, at(0, 3), HOUR)
    assert way.why is not None
    assert (way.why.key, way.at, way.why.values["at"]) == ("job_due_soon", None, None)


def test_rows_of_little_sense_are_left_out() -> None:
    def row(started: str | None, finished: str | None, status: str) -> dict[str, str | None]:
        return {"job_name": "x", "started_at": started, "finished_at": finished, "status": status}

    found = parse(
        [
            row("2026-11-24 02:00:00", None, " Running"),
            row("2026-11-24 01:00:00", "2026-11-24 01:10:00", "running"),  # it has ended
            row(None, None, "running"),
            row("yesterday", None, "running"),
        ]
    )
    assert [(one.started, one.running) for one in found] == [(at(1), False), (at(2), True)]
