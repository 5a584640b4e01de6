from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from bot.core.model import Reading, Severity, Source, Status, Unreadable, phrase
from bot.core.tools import ServiceState, Tools
from checks._job_verdict import judge, usual_seconds
from checks._runs import Outcome, Run, parse
from checks._scheduler_config import Config
from checks.scheduler_on_time import SERVICE, detect, diagnosis, judge_service
from tests import wide
from tests.checks.fakes import NOON, FakeServices, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

JOB = "collect_yesterday_data"
DAY = timedelta(days=1)
TWO = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # the last due time before NOON
NIGHTLY = Config(schedule={JOB: "0 2 * * *"})
HOURLY = Config(schedule={JOB: "0 * * * *"})
UP = ServiceState(unit="sovani-scheduler", running=True, detail="active (running)", run_id="1")
DOWN = replace(UP, running=False, detail="failed (Result: exit-code)")


def run(started: datetime, outcome: Outcome = Outcome.SUCCESS, seconds: float | None = 60) -> Run:
    return Run(started=started, outcome=outcome, seconds=seconds)


def nights(*outcomes: Outcome | None, last: datetime = TWO) -> list[Run]:
    """One a night, oldest first; None for a night without a run."""
    ages = range(len(outcomes) - 1, -1, -1)
    return [
        run(last - age * DAY, outcome)
        for age, outcome in zip(ages, outcomes, strict=True)
        if outcome is not None
    ]


def look(runs: Sequence[Run], now: datetime = NOON, config: Config = NIGHTLY) -> Reading:
    return judge({JOB: runs}, JOB, now, config)


GOOD, BAD = Outcome.SUCCESS, Outcome.FAILED
WEEK = nights(*[GOOD] * 7)


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(WEEK, id="every night"),
        pytest.param(nights(GOOD), id="only one run is known"),
        pytest.param([*nights(GOOD, None), run(TWO + timedelta(minutes=15))], id="within grace"),
        pytest.param([*WEEK[:-1], run(TWO - timedelta(seconds=30))], id="a clock that is ahead"),
        pytest.param([*WEEK[:-1], run(TWO + timedelta(hours=5))], id="missed, then caught up"),
        pytest.param(
            [*WEEK[:-1], run(TWO, BAD), run(TWO + timedelta(hours=5))], id="failed, then well"
        ),
        pytest.param([*nights(GOOD, BAD, BAD), run(NOON)], id="caught up a moment ago"),
        pytest.param(
            [*WEEK, run(NOON - timedelta(seconds=30), Outcome.RUNNING, None)], id="running now"
        ),
        pytest.param(
            [*WEEK[:-1], run(NOON - timedelta(seconds=170), Outcome.RUNNING, None)],
            id="late, and running not too long",
        ),
        pytest.param(
            [*nights(GOOD, GOOD), run(NOON - timedelta(minutes=59), Outcome.RUNNING, None)],
            id="how long it usually takes is not known",
        ),
        pytest.param(
            [*nights(GOOD), run(TWO - timedelta(hours=8), Outcome.RUNNING, None), run(TWO)],
            id="one that died without a word, and a good one after it",
        ),
        pytest.param([*WEEK[:-1], run(TWO, GOOD, None)], id="no length was written down"),
    ],
)
def test_healthy(runs: list[Run]) -> None:
    assert look(runs).status is Status.OK


@pytest.mark.parametrize(
    ("runs", "problem", "severity"),
    [
        pytest.param(nights(GOOD, GOOD, None), "missed", Severity.WARNING, id="missed once"),
        pytest.param(nights(GOOD, None, None), "missed", Severity.ERROR, id="missed twice"),
        pytest.param(nights(GOOD, GOOD, BAD), "failed", Severity.WARNING, id="failed once"),
        pytest.param(nights(GOOD, BAD, BAD), "failed", Severity.ERROR, id="failed twice"),
        pytest.param(nights(GOOD, BAD, None), "missed", Severity.ERROR, id="failed, then missed"),
        pytest.param(
            [*nights(GOOD, BAD), run(TWO + timedelta(minutes=5), BAD)],
            "failed",
            Severity.ERROR,
            id="failed, and again when it was repeated",
        ),
        pytest.param(
            [*WEEK, run(NOON - timedelta(seconds=190), Outcome.RUNNING, None)],
            "overrunning",
            Severity.WARNING,
            id="a run beside the schedule may not take its time either",
        ),
        pytest.param(
            [*WEEK[:-1], run(NOON - timedelta(seconds=190), Outcome.RUNNING, None)],
            "overrunning",
            Severity.WARNING,
            id="over three times the usual length",
        ),
        pytest.param(
            [*WEEK[:-1], run(TWO, Outcome.RUNNING, None)],
            "never_finished",
            Severity.ERROR,
            id="seven hours",
        ),
        pytest.param(
            [*nights(GOOD, GOOD), run(NOON - timedelta(minutes=61), Outcome.RUNNING, None)],
            "never_finished",
            Severity.ERROR,
            id="over an hour, and no usual length is known",
        ),
    ],
)
def test_sick(runs: list[Run], problem: str, severity: Severity) -> None:
    reading = look(runs)

    assert reading.facts["problem"] == problem
    assert (reading.status, reading.severity) == (Status.FIRING, severity)


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, Status.OK), (15, Status.OK), (15.1, Status.FIRING)]
)
def test_a_due_run_has_a_quarter_of_an_hour(minutes: float, status: Status) -> None:
    assert look(WEEK[:-1], now=TWO + timedelta(minutes=minutes)).status is status


def test_a_failure_within_the_grace_is_told_at_once() -> None:
    reading = look([*WEEK[:-1], run(TWO, BAD)], now=TWO + timedelta(minutes=2))

    assert reading.facts["problem"] == "failed"


def test_nothing_is_blamed_before_the_first_run_that_is_known() -> None:
    fresh = [run(TWO - timedelta(hours=3))]

    assert look(fresh, now=TWO - timedelta(hours=1)).idle
    assert look(fresh, now=TWO + timedelta(hours=1)).facts["problem"] == "missed"


def test_a_job_that_never_ran_is_blamed_from_when_others_did() -> None:
    config = Config(schedule={JOB: "0 2 * * *", "other": "0 3 * * *"})
    runs: dict[str, list[Run]] = {JOB: WEEK, "other": []}

    reading = judge(runs, "other", NOON, config)

    assert (reading.status, reading.facts["problem"]) == (Status.FIRING, "missed")
    assert reading.facts["last_run"] is None


def test_an_empty_history_is_unknown() -> None:
    assert look([]).status is Status.UNKNOWN


def test_a_run_of_every_minute_covers_its_own_minute_only() -> None:
    config = Config(schedule={JOB: "* * * * *"}, grace_sec=10)
    minutes = [run(NOON - timedelta(minutes=n, seconds=-1), seconds=1) for n in range(5, 0, -1)]

    assert look(minutes, NOON + timedelta(seconds=9), config).status is Status.OK
    assert look(minutes, NOON + timedelta(seconds=11), config).facts["problem"] == "missed"


def test_a_run_of_the_future_covers_nothing() -> None:
    reading = look([*nights(GOOD, None), run(datetime(2099, 1, 1, tzinfo=UTC))])

    assert reading.facts["problem"] == "missed"


def hours(*outcomes: Outcome | None) -> list[Run]:
    return [
        replace(one, started=NOON - timedelta(hours=len(outcomes) - n))
        for n, one in enumerate(run(NOON, outcome or GOOD) for outcome in outcomes)
        if outcomes[n] is not None
    ]


@pytest.mark.parametrize(
    ("runs", "status", "rate"),
    [
        pytest.param(hours(*[GOOD] * 24), Status.OK, 100, id="all on time"),
        pytest.param(hours(GOOD, *[BAD, GOOD] * 3), Status.OK, 57.1, id="too few to judge"),
        pytest.param(hours(*[GOOD] * 20, None, GOOD, GOOD), Status.FIRING, 95.7, id="one missed"),
    ],
)
def test_on_time_rate(runs: list[Run], status: Status, rate: float) -> None:
    reading = look(runs, now=NOON - timedelta(minutes=1), config=HOURLY)

    assert (reading.status, reading.facts["on_time_pct"]) == (status, rate)


def test_a_run_that_has_not_ended_does_not_lower_the_rate() -> None:
    an_hour_ago = NOON - timedelta(hours=1)
    runs = [*hours(*[GOOD] * 20)[:-1], run(an_hour_ago, Outcome.RUNNING, None)]

    reading = look(runs, an_hour_ago + timedelta(minutes=2), HOURLY)

    assert (reading.status, reading.facts["on_time_pct"]) == (Status.OK, 100)


@pytest.mark.parametrize(
    ("due_runs", "target", "status"),
    [
        (9, 98, Status.OK),
        (10, 98, Status.FIRING),
        (10, 90, Status.OK),
    ],
)
def test_one_of_ten_late(due_runs: int, target: float, status: Status) -> None:
    first, *others = hours(*[GOOD] * due_runs)
    late = replace(others[0], started=others[0].started + timedelta(minutes=20))
    config = HOURLY.model_copy(update={"slo_scheduler_on_time_pct": target})

    reading = look([first, late, *others[1:]], NOON - timedelta(minutes=1), config)

    assert (reading.status, reading.facts["due_runs"]) == (status, due_runs)


def test_a_low_rate_alone_is_a_warning() -> None:
    late = [
        replace(one, started=one.started + timedelta(minutes=20)) for one in hours(*[GOOD] * 12)
    ]

    reading = look([*hours(*[GOOD] * 24)[:12], *late], NOON - timedelta(minutes=1), HOURLY)

    assert (reading.severity, reading.facts["problem"]) == (Severity.WARNING, "rate")


def test_the_usual_length_needs_three_good_runs() -> None:
    assert usual_seconds(nights(GOOD, GOOD, BAD)) is None
    assert usual_seconds(nights(GOOD, GOOD, GOOD)) == 60


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"status": "SUCCESS"}, run(TWO)),
        ({"status": "cancelled"}, run(TWO, BAD)),
        ({"status": None}, run(TWO, BAD)),
        ({"status": "running", "finished_at": None}, run(TWO, Outcome.RUNNING)),
        ({"status": "running"}, run(TWO, BAD)),
        ({"duration_seconds": None}, run(TWO, GOOD, 90)),
        ({"duration_seconds": None, "finished_at": None}, run(TWO, GOOD, None)),
        ({"started_at": "2026-11-23T02:00:00"}, run(TWO)),
        ({"started_at": "2026-11-23 02:00:00.000000"}, run(TWO)),
        ({"started_at": "23.11.2026 02:00"}, None),
        ({"started_at": None}, None),
    ],
)
def test_rows_of_all_sorts_are_read(row: dict[str, str | None], expected: Run | None) -> None:
    whole: dict[str, str | float | None] = {
        "started_at": "2026-11-23 02:00:00",
        "finished_at": "2026-11-23 02:01:30",
        "status": "success",
        "duration_seconds": 60.0,
        "error_message": None,
    }

    assert parse([{**whole, **row}]) == ([] if expected is None else [expected])


@pytest.mark.parametrize("cron", ["", "every night", "61 2 * * *", "0 2 * *"])
def test_a_wrong_schedule_stops_the_start(cron: str) -> None:
    with pytest.raises(ValidationError, match="CHECKS__SCHEDULER_ON_TIME"):
        Config(schedule={JOB: cron})


def test_the_schedule_may_be_json() -> None:
    config = Config.model_validate({"schedule": '{"mine": "*/5 * * * *"}'})

    assert config.schedule == {"mine": "*/5 * * * *"}


@pytest.fixture
def working(shop: Shop) -> Shop:
    """A week of both jobs."""
    for age in range(7):
        day = (TWO - age * DAY).date()
        shop.job(JOB, f"{day} 02:00:01")
        shop.job("recalc_recent_metrics", f"{day} 03:00:00.123456")
    return shop


def with_service(tools: Tools, answer: ServiceState | Unreadable | None) -> Tools:
    return replace(tools, services=FakeServices(answer))


@pytest.mark.usefixtures("working")
async def test_a_healthy_scheduler(tools: Tools) -> None:
    found = await detect(with_service(tools, UP), moment(), config=Config())

    assert {r.subject: r.status for r in found} == dict.fromkeys(
        [SERVICE, JOB, "recalc_recent_metrics"], Status.OK
    )


@pytest.mark.usefixtures("working")
async def test_a_dead_service_is_told_before_any_run_is_missing(
    tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    found = await detect(with_service(tools, DOWN), moment(), config=Config())

    assert [r.status for r in found] == [Status.FIRING, Status.OK, Status.OK]
    assert found[0].severity is Severity.ERROR
    line = "The scheduler does not run: sovani-scheduler is failed (Result: exit-code)"
    assert say("check_scheduler_on_time", found[0]) == line


@pytest.mark.usefixtures("working")
async def test_without_a_service_manager_the_jobs_are_judged(tools: Tools) -> None:
    found = await detect(with_service(tools, None), moment(), config=Config())

    assert [r.subject for r in found] == [JOB, "recalc_recent_metrics"]


@pytest.mark.usefixtures("working")
async def test_a_blind_service_manager_blinds_only_its_subject(tools: Tools) -> None:
    blind = Unreadable(phrase("unknown_reason"), Source.SERVICE_MANAGER)

    found = await detect(with_service(tools, blind), moment(), config=Config())

    assert [r.status for r in found] == [Status.UNKNOWN, Status.OK, Status.OK]


async def test_a_missing_job_runs_is_named(working: Shop, tools: Tools) -> None:
    working.run("DROP TABLE job_runs")

    with pytest.raises(Unreadable, match="job_runs"):
        await detect(with_service(tools, UP), moment(), config=Config())


async def test_a_dead_service_is_told_even_without_job_runs(working: Shop, tools: Tools) -> None:
    working.run("DROP TABLE job_runs")

    found = await detect(with_service(tools, DOWN), moment(), config=Config())

    assert [r.status for r in found] == [Status.FIRING, Status.UNKNOWN, Status.UNKNOWN]


async def test_several_tenants_are_named(working: Shop, tools: Tools) -> None:
    working.run("ALTER TABLE job_runs ADD COLUMN org_id INTEGER")

    with pytest.raises(Unreadable, match="org_id"):
        await detect(tools, moment(), config=Config())


@pytest.mark.usefixtures("shop")
async def test_an_empty_table_is_unknown(tools: Tools) -> None:
    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.UNKNOWN}


async def test_a_job_that_has_been_dead_for_months_is_missed(shop: Shop, tools: Tools) -> None:
    shop.job(JOB, "2026-03-01 02:00:00")

    found = await detect(tools, moment(), config=NIGHTLY)

    assert [r.facts["problem"] for r in found] == ["missed"]
    assert found[0].facts["last_run"] == "2026-03-01T02:00:00+00:00"


async def test_a_busy_job_does_not_hide_a_rare_one(shop: Shop, tools: Tools) -> None:
    shop.job(JOB, "2026-11-22 02:00:00")
    shop.job(JOB, "2026-11-23 02:00:00")
    times = [f"2026-11-23 {n // 60 % 24:02}:{n % 60:02}:00" for n in range(3000)]
    shop.write(
        "INSERT INTO job_runs (job_name, started_at, finished_at, status) VALUES"
        " ('busy', ?, ?, 'success')",
        [(time, time) for time in times],
    )

    found = await detect(tools, moment(), config=NIGHTLY)

    assert [r.status for r in found] == [Status.OK]


@pytest.mark.usefixtures("working")
async def test_the_diagnosis_shows_runs_and_service(tools: Tools) -> None:
    answer = await diagnosis(with_service(tools, UP), moment(), config=Config())

    jobs = answer["jobs"]
    assert isinstance(jobs, list)
    assert [len(job["runs"]) for job in jobs] == [5, 5]
    assert jobs[0]["runs"][0]["started"] == "2026-11-23T02:00:01+00:00"


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        (WEEK, "due 05:00: on time, 1 min"),
        (nights(GOOD, None, None), f"{JOB} did not run at 05:00, 2 times in a row"),
        (nights(GOOD, BAD), f"{JOB} failed at 05:00"),
        (
            [*WEEK[:-1], run(NOON - timedelta(seconds=190), Outcome.RUNNING)],
            f"{JOB} runs too long: 3 min, usually 1 min",
        ),
        (
            [*nights(GOOD), run(TWO, Outcome.RUNNING)],
            f"{JOB} does not finish: it runs for 7 h",
        ),
        ([], f"There is no run of {JOB} or any other job in job_runs yet."),
    ],
)
def test_words(runs: list[Run], line: str, say: Callable[[str, Reading], str]) -> None:
    assert say("check_scheduler_on_time", look(runs)) == line


async def seen(shop: Shop, tools: Tools) -> Seen:
    """A service that is down, and jobs with long names that go wrong in each way there is."""
    ways = {
        "missed": nights(GOOD, None, None),
        "too long": [*WEEK, run(NOON - timedelta(seconds=190), Outcome.RUNNING, None)],
        "never ends": [*WEEK[:-1], run(TWO, Outcome.RUNNING, None)],
    }
    jobs = [
        judge({job: runs}, job, NOON, Config(schedule={job: "0 2 * * *"}))
        for job, runs in ((f"{way} {wide.JOB}", runs) for way, runs in ways.items())
    ]
    for job, n in ((job, n) for job in (wide.JOB, *Config().schedule) for n in range(40)):
        day = f"{TWO - n * DAY:%Y-%m-%d %H:%M:%S}"
        shop.job(job, day, "failed", 86_399.0, "<boom> & " * 60)
    unit = "sovani-scheduler-of-the-other-shop@2.service"
    down = replace(DOWN, unit=unit, since=TWO, restarts=123_456)
    tools = replace(tools, services=FakeServices(down))
    config = Config(schedule={wide.JOB: "0 2 * * *"})
    service, failing = await detect(tools, moment(), config=config)
    up = judge_service(replace(down, running=True, detail="active (running)"))
    well = look(WEEK)
    again = [
        replace(well, subject=one.subject, facts={**well.facts, "job": one.subject})
        for one in (failing, *jobs)
    ]
    return Seen(
        usual=[look(nights(GOOD, GOOD, BAD))],
        widest=[service, *jobs, failing],
        well=[well, up, *again],
        tools=tools,
    )
