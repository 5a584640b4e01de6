"""Jobs that the scheduler missed are started once."""

from collections.abc import Sequence
from dataclasses import replace

from bot import schedules
from bot.core import missed
from bot.core.missed import Missed
from bot.core.model import (
    Reading,
    Severity,
    fires,
    ok,
    phrase,
)
from bot.core.policy import Policy
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.schedules.hall import Hall, at

USUAL = missed.parse("collect_yesterday_data=collect, recalc_recent_metrics=recalc")


def waiting(store: SqlStore, clock: Clock, policy: Policy, jobs: Sequence[Missed] = USUAL) -> Hall:
    work = schedules.load()["missed_jobs"].work
    return Hall(store, clock, replace(policy, automatic=True, missed_jobs=jobs), missed_jobs=work)


def missing(job: str) -> Reading:
    return fires(job, Severity.WARNING, problem="missed", due=at(24, 2).isoformat())


def with_jobs(hall: Hall, *readings: Reading) -> None:
    async def detect(_tools: object, _moment: object) -> list[Reading]:
        return list(readings)

    name = "check_scheduler_on_time"
    scheduler = replace(hall.book.runbooks[name], detect=detect)
    hall.book = replace(hall.book, runbooks={**hall.book.runbooks, name: scheduler})


async def test_a_missed_job_is_started_once_for_its_due_time(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    with_jobs(hall, missing("collect_yesterday_data"), missing("recalc_recent_metrics"))
    await hall.look()
    for _ in range(4):
        clock.forward(minutes=1)
        await hall.wanted("missed_jobs")
        await hall.look()
    runs = await store.read(lambda tx: [tx.runs.get(number) for number in (1, 2)])
    assert runs[0] is not None
    assert (runs[0].action, dict(runs[0].args)) == ("remediate_collect", {"date": "2026-11-23"})
    assert runs[1] is None  # the other one shares its lock, and waits for its end
    assert runs[0].key == f"missed:collect_yesterday_data:{at(24, 2).isoformat()}"


async def test_a_job_that_ran_or_is_not_critical_is_not_started(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    late = fires("collect_yesterday_data", Severity.WARNING, problem="failed", due="x")
    with_jobs(hall, ok("recalc_recent_metrics"), late, missing("newsletter"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    assert await hall.run() is None
    assert (await hall.entry("missed_jobs")).why == phrase("missed_none")


async def test_jobs_of_other_names_are_started_as_the_setting_says(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    jobs = missed.parse("load-sales=collect, figures=recalc:14")
    hall = waiting(store, clock, policy, jobs)
    with_jobs(hall, missing("collect_yesterday_data"), ok("load-sales"), missing("figures"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    run = await hall.run()
    assert run is not None
    assert (run.action, dict(run.args)) == ("remediate_recalc", {"days": 14})


async def test_a_job_that_nobody_watches_is_named(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = waiting(store, clock, policy)
    with_jobs(hall, ok("collect_yesterday_data"), missing("figures"))
    await hall.look()
    await hall.wanted("missed_jobs")
    await hall.look()
    assert await hall.run() is None
    why = (await hall.entry("missed_jobs")).why
    assert why is not None
    said = hall.templates.say_plain(why)
    assert said.startswith("MISSED_JOBS names recalc_recent_metrics, which is not among the jobs")
