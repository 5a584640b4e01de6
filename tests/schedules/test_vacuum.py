"""VACUUM by the calendar: inside the window, and only where it gains something."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.model import (
    phrase,
)
from bot.core.planned import Entry, Result
from bot.core.policy import Policy
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.schedules.hall import Hall, at


async def vacuum(hall: Hall, free: int, now: datetime) -> Entry:
    hall.clock.now = at(30, 12)
    hall.shop.free = free
    await hall.look()
    hall.clock.now = now
    assert "vacuum" in await hall.look()
    return await hall.entry("vacuum")


FIRST = at(1, 0, 5, month=12)  # 03:05 in Moscow, inside the window


async def test_vacuum_is_started_in_the_window(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 250, FIRST)
    run = await hall.run()
    assert run is not None
    assert (run.action, run.asked_by, entry.run_id) == ("remediate_vacuum_db", None, run.id)


async def test_vacuum_is_skipped_for_little_and_says_so(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 99, FIRST)
    assert entry.result is Result.SKIPPED
    assert entry.why is not None
    assert hall.templates.say_plain(entry.why).startswith("It would free")
    assert await hall.run() is None


async def test_vacuum_waits_for_a_job_that_runs_and_then_is_done(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    started = f"{FIRST - timedelta(minutes=5):%Y-%m-%d %H:%M:%S}"
    runs = {"job_name": "recalc", "started_at": started, "finished_at": None, "status": "running"}
    hall.shop.answers = {"shop/job_runs.sql.j2": [runs]}
    entry = await vacuum(hall, 250, FIRST)
    again = FIRST + timedelta(minutes=1)
    assert (entry.result, entry.next_at) == (Result.WAITS, again)
    assert entry.why is not None
    assert entry.why.key == "job_at_work"
    assert await hall.run() is None
    clock.now = again
    hall.shop.answers = {}
    assert "vacuum" in await hall.look()
    run = await hall.run()
    assert run is not None
    assert run.key == f"schedule:vacuum:due:{at(1, 0, month=12).isoformat()}"


async def test_vacuum_missed_in_the_night_waits_for_the_next_window(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    hall = Hall(store, clock, replace(policy, automatic=True))
    entry = await vacuum(hall, 250, at(1, 7, month=12))
    assert (entry.result, entry.next_at) == (Result.WAITS, at(1, 23, 30, month=12))
    assert await hall.run() is None
    clock.now = at(1, 23, 30, month=12)
    assert "vacuum" in await hall.look()
    assert await hall.run() is not None


async def test_vacuum_is_skipped_where_nothing_may_run_by_itself(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    entry = await vacuum(Hall(store, clock, policy), 250, FIRST)
    assert (entry.result, entry.why) == (Result.SKIPPED, phrase("automatic_off"))
