"""VACUUM refused for what passes is tried again: in its window, and never once too often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.model import Phrase, Row, phrase
from bot.core.planned import Result
from bot.core.policy import Policy
from bot.core.records import PostKind, Run, RunState
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, Clock
from tests.schedules.hall import Hall, at
from tests.schedules.test_vacuum import FIRST, vacuum

NEXT_MONTH = datetime(2027, 1, 1, 0, tzinfo=UTC)


class Dawn:
    """The nights of a month, minute by minute; what the runner would have made of each run."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    async def runs(self) -> list[Run]:
        since = FIRST - timedelta(days=1)
        return await self.hall.store.read(
            lambda tx: list(tx.runs.of_actions(["remediate_vacuum_db"], since))
        )

    async def refused(self, key: str = "job_at_work") -> None:
        values = {"jobs": ["recalc"], "at": None} if key == "job_at_work" else {"writers": ["py"]}
        await self.ends(RunState.REFUSED, phrase(key, **values))

    async def ends(self, state: RunState, why: Phrase | None = None) -> None:
        run = (await self.runs())[-1]
        done = replace(run, state=state, why=why, finished_at=self.hall.clock.now)
        assert await self.hall.store.write(lambda tx: tx.runs.move(done, frm=run.state))

    async def passes(self, minutes: int) -> list[Run]:
        """What was started meanwhile."""
        known = {run.id for run in await self.runs()}
        for _ in range(minutes):
            self.hall.clock.forward(minutes=1)
            await self.hall.look()
        return [run for run in await self.runs() if run.id not in known]

    async def told(self) -> list[str]:
        posts = await self.hall.posts(ADMINS.chat)
        return [await self.hall.shown(post) for post in posts if post.kind is PostKind.REPORT]


def working(hall: Hall) -> None:
    """A job that usually takes twenty hours has begun."""
    row = {"job_name": "recalc", "status": "ok"}
    before = {"started_at": "2026-11-29 00:00:00", "finished_at": "2026-11-29 20:00:00"}
    now = {"started_at": f"{hall.clock.now:%Y-%m-%d %H:%M:%S}", "finished_at": None}
    rows: list[Row] = [{**row, **before}, {**row, **now, "status": "running"}]
    hall.shop.answers = {"shop/job_runs.sql.j2": rows}


@pytest.fixture
async def dawn(store: SqlStore, clock: Clock, policy: Policy) -> Dawn:
    hall = Hall(store, clock, replace(policy, automatic=True))
    await vacuum(hall, 250, FIRST)
    return Dawn(hall)


async def test_refused_for_a_job_that_began_meanwhile_it_is_tried_again(dawn: Dawn) -> None:
    await dawn.refused()
    (run,) = await dawn.passes(15)
    assert run.key == f"schedule:vacuum:due:{at(1, 0, month=12).isoformat()}:2"
    await dawn.ends(RunState.SUCCEEDED)
    assert await dawn.passes(300) == []
    entry = await dawn.hall.entry("vacuum")
    assert (entry.result, entry.run_id, entry.due) == (Result.DONE, run.id, NEXT_MONTH)
    assert await dawn.told() == []


async def test_before_it_is_tried_again_it_is_looked_for_a_gap(dawn: Dawn) -> None:
    await dawn.refused()
    began = f"{dawn.hall.clock.now:%Y-%m-%d %H:%M:%S}"
    row = {"job_name": "recalc", "started_at": began, "finished_at": None, "status": "running"}
    dawn.hall.shop.answers = {"shop/job_runs.sql.j2": [row]}
    assert await dawn.passes(30) == []
    entry = await dawn.hall.entry("vacuum")
    assert (entry.result, entry.why and entry.why.key) == (Result.WAITS, "job_at_work")
    dawn.hall.shop.answers = {}
    assert len(await dawn.passes(5)) == 1


async def test_between_two_attempts_it_says_when_the_next_one_is(dawn: Dawn) -> None:
    await dawn.refused("vacuum_busy")
    await dawn.passes(1)
    entry = await dawn.hall.entry("vacuum")
    assert entry.why is not None
    assert "attempt 2 of 4" in dawn.hall.templates.say_plain(entry.why)


async def test_the_attempts_come_to_an_end_which_is_said_once(dawn: Dawn) -> None:
    gaps = []
    for _ in range(3):
        await dawn.refused()
        refused_at = dawn.hall.clock.now
        while not (started := await dawn.passes(1)):
            assert dawn.hall.clock.now - refused_at < timedelta(hours=1)
        gaps += [(run.asked_at - refused_at) / timedelta(minutes=1) for run in started]
    assert [
        lower <= gap <= lower * 1.25 + 1 for lower, gap in zip((10, 20, 40), gaps, strict=True)
    ] == [True] * 3
    await dawn.refused()
    assert await dawn.passes(60 * 26) == []
    assert len(await dawn.runs()) == 4
    (text,) = await dawn.told()
    assert "attempt 4 of 4 was the last" in text
    entry = await dawn.hall.entry("vacuum")
    assert (entry.result, entry.due) == (Result.SKIPPED, NEXT_MONTH)


async def test_a_window_that_ends_without_it_is_told_once_and_the_next_is_used(
    dawn: Dawn,
) -> None:
    working(dawn.hall)
    await dawn.refused()
    assert await dawn.passes(60 * 20) == []
    (text,) = await dawn.told()
    assert "recalc" in text
    assert "02:30" in text
    assert (await dawn.hall.entry("vacuum")).next_at == at(1, 23, 30, month=12)
    assert await dawn.passes(60 * 10) == []
    assert len(await dawn.told()) == 1, "said again the next night"


async def test_the_assistant_was_down_until_the_window_was_over(dawn: Dawn) -> None:
    await dawn.refused()
    dawn.hall.clock.now = at(1, 7, month=12)
    assert await dawn.passes(10) == []
    assert len(await dawn.told()) == 1
    dawn.hall.clock.now = at(1, 23, 29, month=12)
    assert len(await dawn.passes(2)) == 1


async def test_a_crash_between_two_attempts_makes_none_twice(
    dawn: Dawn, store: SqlStore, clock: Clock, policy: Policy
) -> None:
    await dawn.refused()
    await dawn.passes(5)
    hall = Hall(store, clock, replace(policy, automatic=True))
    hall.shop.free = 250
    reborn = Dawn(hall)
    assert len(await reborn.passes(10)) == 1
    assert len(await reborn.runs()) == 2


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RunState.SUCCEEDED, None),
        (RunState.CANCELLED, None),
        (RunState.INTERRUPTED, phrase("interrupted")),
        (RunState.FAILED, phrase("vacuum_corrupt", path="shop.db")),
        (RunState.REFUSED, phrase("vacuum_no_room_beside", needs_bytes=2, free_bytes=1)),
    ],
)
async def test_what_no_time_mends_is_not_tried_again(
    dawn: Dawn, state: RunState, why: Phrase | None
) -> None:
    await dawn.ends(state, why)
    assert await dawn.passes(60 * 26) == []
    assert await dawn.told() == []
    assert (await dawn.hall.entry("vacuum")).result is Result.DONE


async def test_while_it_runs_nothing_else_is_started(dawn: Dawn) -> None:
    assert await dawn.passes(60 * 26) == []
    assert await dawn.told() == []
