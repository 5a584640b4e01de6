"""A missed job whose start failed is started again: later each time, and never once too often."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot import schedules
from bot.core import attempts
from bot.core.missed import Missed
from bot.core.model import Reading, Severity, fires, ok, phrase
from bot.core.planned import Result
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import ACTIVE, Run, RunState
from bot.edges.schedules import when
from bot.edges.store import SqlStore
from bot.edges.templates import plain
from tests.conftest import Clock
from tests.schedules.hall import Hall, at
from tests.schedules.test_missed_jobs import USUAL, missing, waiting, with_jobs

COLLECT = "collect_yesterday_data"
DUE = at(24, 2)
MINUTE = timedelta(minutes=1)
LIMITED = phrase("job_failed", where="api", status=503, why="later")


@dataclass
class Night:
    """The assistant in the hours after a missed collection, looked at minute by minute."""

    hall: Hall
    clock: Clock
    store: SqlStore

    async def passes(self, minutes: int) -> list[Run]:
        """What was started meanwhile."""
        known = {run.id for run in await self.runs()}
        for _ in range(minutes):
            self.clock.now += MINUTE
            await self.hall.look()
        return [run for run in await self.runs() if run.id not in known]

    async def runs(self) -> list[Run]:
        def all_of(tx: Tx) -> list[Run]:
            return list(tx.runs.of_actions(["remediate_collect"], DUE - timedelta(days=1)))

        return await self.store.read(all_of)

    async def ends(
        self,
        run: Run,
        state: RunState = RunState.FAILED,
        why: str | None = None,
        ahead: timedelta = timedelta(0),
    ) -> None:
        text = LIMITED if why is None else phrase(why)
        done = replace(run, state=state, finished_at=self.clock.now + ahead, why=text)
        assert await self.store.write(lambda tx: tx.runs.move(done, frm=run.state))

    async def why(self) -> str:
        entry = await self.hall.entry("missed_jobs")
        assert entry.why is not None
        return plain(self.hall.templates.say(entry.why))

    def sees(self, *readings: Reading) -> None:
        with_jobs(self.hall, *readings)


@pytest.fixture
async def night(store: SqlStore, clock: Clock, policy: Policy) -> Night:
    return await nightfall(store, clock, policy)


async def nightfall(store: SqlStore, clock: Clock, policy: Policy) -> Night:
    clock.now = DUE + 20 * MINUTE
    hall = each_ten_minutes(store, clock, replace(policy, automatic_per_hour=9), USUAL)
    found = Night(hall, clock, store)
    found.sees(missing(COLLECT), ok("recalc_recent_metrics"))
    await hall.look()
    return found


def each_ten_minutes(
    store: SqlStore, clock: Clock, policy: Policy, jobs: Sequence[Missed]
) -> Hall:
    """With the plan that it has, and not the hall's own."""
    hall = waiting(store, clock, policy, jobs)
    plans, usual = hall.book.plans, schedules.load()["missed_jobs"].when
    plan = replace(plans.known["missed_jobs"], when=when("missed_jobs", usual, policy.zone))
    hall.book = replace(hall.book, plans=replace(plans, known={"missed_jobs": plan}))
    return hall


async def first(night: Night) -> Run:
    (run,) = await night.passes(11)
    return run


def failed(job: str = COLLECT) -> Reading:
    return fires(job, Severity.WARNING, problem="failed", due=DUE.isoformat())


async def test_the_pauses_grow_and_attempts_come_to_an_end(night: Night) -> None:
    run, gaps = await first(night), []
    while True:
        await night.ends(run)
        ended = night.clock.now
        started = await night.passes(60)
        if not started:
            break
        (run,) = started
        gaps.append((run.asked_at - ended) / MINUTE)
    assert all(
        lower <= gap <= lower * 1.25 + 1 for lower, gap in zip((10, 20, 40), gaps, strict=True)
    )
    assert [
        run.key.removeprefix(f"missed:{COLLECT}:{DUE.isoformat()}") for run in await night.runs()
    ] == ["", ":2", ":3", ":4"]
    assert {str(run.args) for run in await night.runs()} == {"{'date': '2026-11-23'}"}
    assert "All attempts failed" in await night.why()


async def test_the_next_attempt_is_told_before_it_is_made(night: Night) -> None:
    await night.ends(await first(night))
    await night.passes(10)
    entry = await night.hall.entry("missed_jobs")
    assert entry.result is Result.WAITS
    assert f"{COLLECT} failed, and is started again" in await night.why()
    assert "attempt 2 of 4" in await night.why()
    kept = await night.store.read(lambda tx: tx.recall(attempts.KEY))
    assert isinstance(kept, dict)
    assert kept[COLLECT]["number"] == 2
    at_ = datetime.fromisoformat(kept[COLLECT]["at"])
    (run,) = await night.passes(10)
    assert at_ <= run.asked_at <= at_ + MINUTE
    await night.ends(run, RunState.SUCCEEDED)
    await night.passes(11)
    assert await night.store.read(lambda tx: tx.recall(attempts.KEY)) == {}


async def test_a_clock_that_was_ahead_holds_no_attempt_back(night: Night) -> None:
    run = await first(night)
    await night.ends(run, ahead=timedelta(days=3))
    (again,) = await night.passes(11)
    assert again.key.endswith(":2")


@pytest.mark.parametrize("state", ACTIVE)
async def test_never_two_at_a_time(night: Night, state: RunState) -> None:
    run = await first(night)
    if state is not RunState.REQUESTED:
        moved = replace(run, state=state)
        assert await night.store.write(lambda tx: tx.runs.move(moved, frm=run.state))
    assert await night.passes(90) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RunState.SUCCEEDED, None),
        (RunState.CANCELLED, None),  # somebody stopped it
        (RunState.INTERRUPTED, None),  # a crash: nobody knows how far it was
        (RunState.REFUSED, "job_not_set"),
        (RunState.FAILED, "job_unit_stopped"),  # somebody stopped its unit
        (RunState.FAILED, "job_unit_not_oneshot"),
        (RunState.FAILED, "job_unit_stays"),
        (RunState.FAILED, "job_no_units"),
        (RunState.FAILED, "job_token_missing"),
    ],
)
async def test_what_ended_otherwise_is_not_started_again(
    night: Night, state: RunState, why: str | None
) -> None:
    await night.ends(await first(night), state, why)
    assert await night.passes(120) == []


async def test_what_may_have_been_done_is_not_started_again(night: Night) -> None:
    """A proxy gave up waiting: SoVAni may be at it."""
    run = await first(night)
    why = phrase("http_status", where="api", status=504, maybe_done=True)
    done = replace(run, state=RunState.FAILED, finished_at=night.clock.now, why=why)
    assert await night.store.write(lambda tx: tx.runs.move(done, frm=run.state))
    assert await night.passes(120) == []


async def test_refused_while_another_job_ran_it_is_tried_again(night: Night) -> None:
    await night.ends(await first(night), RunState.REFUSED, "job_running")
    assert len(await night.passes(15)) == 1


async def test_not_after_the_scheduler_s_own_run_came(night: Night) -> None:
    await night.ends(await first(night))
    night.sees(ok(COLLECT), ok("recalc_recent_metrics"))
    assert await night.passes(120) == []


async def test_not_after_somebody_has_collected_that_day(night: Night) -> None:
    run = await first(night)
    await night.ends(run)
    by_hand = replace(
        run, id=0, key="by hand", state=RunState.REQUESTED, asked_by=1001, asked_at=night.clock.now
    )
    made = await night.store.write(lambda tx: tx.runs.add(by_hand))
    assert made is not None
    assert await night.passes(30) == []  # under way
    await night.ends(made, RunState.SUCCEEDED)
    assert await night.passes(120) == []


async def test_another_day_collected_by_hand_changes_nothing(night: Night) -> None:
    run = await first(night)
    await night.ends(run)
    other = replace(run, id=0, key="other", args={"date": "2026-11-20"}, asked_at=night.clock.now)
    made = await night.store.write(
        lambda tx: tx.runs.add(replace(other, state=RunState.REQUESTED))
    )
    assert made is not None
    await night.ends(made, RunState.SUCCEEDED)
    assert len(await night.passes(15)) == 1


async def test_a_marketplace_that_wants_quiet_is_left_alone(night: Night) -> None:
    await night.ends(await first(night))
    until = night.clock.now + 45 * MINUTE
    night.hall.pause = until
    started = await night.passes(60)
    assert [until <= run.asked_at <= until + MINUTE for run in started] == [True]


async def test_the_first_start_waits_for_that_too_and_says_why(night: Night) -> None:
    until = night.clock.now + 45 * MINUTE
    night.hall.pause = until
    assert await night.passes(30) == []
    assert "a marketplace wants no calls now (429)" in await night.why()
    assert "failed" not in await night.why()
    started = await night.passes(30)
    assert [until <= run.asked_at <= until + MINUTE for run in started] == [True]


async def test_a_run_of_the_scheduler_that_failed_by_itself_is_left_to_people(
    night: Night,
) -> None:
    night.sees(failed(), ok("recalc_recent_metrics"))
    assert await night.passes(60) == []


async def test_a_start_that_the_shop_kept_as_failed_is_still_tried_again(night: Night) -> None:
    run = await first(night)
    await night.ends(run)
    night.sees(failed(), ok("recalc_recent_metrics"))
    assert len(await night.passes(15)) == 1


async def test_a_crash_between_two_attempts_makes_none_twice(night: Night, policy: Policy) -> None:
    await night.ends(await first(night))
    await night.passes(5)
    again = each_ten_minutes(
        night.store, night.clock, replace(policy, automatic_per_hour=9), USUAL
    )
    reborn = Night(again, night.clock, night.store)
    reborn.sees(missing(COLLECT), ok("recalc_recent_metrics"))
    assert len(await reborn.passes(10)) == 1
    assert len(await reborn.runs()) == 2


async def test_without_retries_it_is_started_once(
    store: SqlStore, clock: Clock, policy: Policy
) -> None:
    clock.now = DUE + 20 * MINUTE
    hall = each_ten_minutes(store, clock, replace(policy, missed_retries=0), USUAL)
    once = Night(hall, clock, store)
    once.sees(missing(COLLECT), ok("recalc_recent_metrics"))
    await hall.look()
    await once.ends(await first(once))
    assert await once.passes(120) == []
    assert (await hall.entry("missed_jobs")).why == phrase("missed_once")
