"""Progress while it works, proof when it is done, and what ends the assistant itself."""

from datetime import timedelta

import pytest

from bot.core.job import Job
from bot.core.model import Facts, Unreadable, phrase
from bot.core.params import Param
from bot.core.policy import Policy
from bot.core.records import RunState
from bot.core.runbook import ActionFailed, Guard, Refused
from bot.core.tools import ActionTools
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.core.actions import ANN, NAME, Room


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    made = Room(store=store, clock=clock, policy=policy)
    made.live(guard=Guard.NONE)
    return made


async def test_progress_is_shown_every_two_seconds_and_a_new_phase_at_once(
    room: Room, clock: Clock
) -> None:
    seen: list[object] = []

    async def during(job: Job) -> Facts:
        for done in range(5):
            await job.progress({"done": done, "total": 5})
            seen.append((await room.run()).progress.get("done"))
            clock.forward(seconds=0.9)
        await job.progress({"phase": "drying"})
        seen.append((await room.run()).progress.get("phase"))
        return {}

    room.shed.during = during
    await room.propose(typed=False)
    assert seen == [0, 0, 0, 3, 3, "drying"]


async def test_the_action_looks_whether_it_helped(room: Room) -> None:
    looked: list[Facts] = []

    async def verify(_tools: ActionTools, job: Job, after: Facts) -> Facts:
        assert (await room.run()).state is RunState.VERIFYING
        looked.append({**after, **job.before})
        return {"colour": "green"}

    room.live(verify=verify)
    await room.propose(typed=False)
    run = await room.run()
    assert looked == [{"painted": True, "coats": 1}]
    assert (run.state, run.after) == (
        RunState.SUCCEEDED,
        {"painted": True, "colour": "green"},
    )


@pytest.mark.parametrize("trouble", [ActionFailed(phrase("alert_over")), RuntimeError("oops")])
async def test_done_and_not_seen_to_help_is_no_success(room: Room, trouble: Exception) -> None:
    async def verify(_tools: ActionTools, _job: Job, _after: Facts) -> Facts:
        raise trouble

    room.live(verify=verify)
    await room.propose(typed=False)
    run = await room.run()
    assert (run.state, run.after) == (RunState.NOT_VERIFIED, {"painted": True})
    assert run.why is not None


async def test_what_could_not_be_looked_at_is_neither_success_nor_failure(room: Room) -> None:
    async def verify(_tools: ActionTools, _job: Job, _after: Facts) -> Facts:
        raise Unreadable(phrase("latency_first_look"))

    room.live(verify=verify)
    await room.propose(typed=False)
    run = await room.run()
    assert run.state is RunState.NOT_VERIFIED
    assert run.after == {"painted": True, "unseen": True}


async def test_a_look_that_hangs_ends(room: Room) -> None:
    async def verify(_tools: ActionTools, job: Job, _after: Facts) -> Facts:
        await job.stop.wait()
        return {}

    room.live(verify=verify, timeout=timedelta(seconds=0.02))
    await room.propose(typed=False)
    run = await room.run()
    assert run.why is not None
    assert (run.state, run.why.key) == (RunState.NOT_VERIFIED, "verify_too_slow")


async def test_work_that_hangs_may_have_been_done(room: Room) -> None:
    """Nobody is to start it again as if nothing had happened."""

    async def act(_tools: ActionTools, job: Job) -> Facts:
        await job.stop.wait()
        return {}

    room.live(act=act, timeout=timedelta(seconds=0.02))
    await room.propose(typed=False)
    run = await room.run()
    assert run.why is not None
    assert (run.state, run.why.key) == (RunState.FAILED, "action_too_slow")
    assert run.why.values["maybe_done"] is True


async def test_the_second_pre_flight_knows_what_the_question_said(room: Room) -> None:
    await room.propose()
    room.shed.preflight = Refused(phrase("alert_over"))
    await room.tap(Verb.CONFIRM)
    await room.work()
    first, second = room.shed.looks
    assert (first.before, second.before) == ({}, {"coats": 1})
    assert (await room.run()).state is RunState.REFUSED
    assert room.shed.done == []


@pytest.mark.parametrize("restarted", [True, False])
async def test_what_ends_the_assistant_is_judged_by_its_next_start(
    room: Room, *, restarted: bool
) -> None:
    async def verify(_tools: ActionTools, _job: Job, _after: Facts) -> Facts:
        if not restarted:
            raise ActionFailed(phrase("still_here"))
        return {"again": True}

    async def during(_job: Job) -> Facts:
        assert (await room.run()).state is RunState.HANDED_OVER
        room.runner.end()
        return {}

    room.live(hands_over=True, verify=verify)
    room.shed.during = during
    await room.propose(typed=False)
    assert (await room.run()).state is RunState.HANDED_OVER
    room.live()
    assert await room.runner.recover() == []
    [run] = await room.runner.handed_over()
    await room.runner.confirm(run)
    wanted = RunState.SUCCEEDED if restarted else RunState.NOT_VERIFIED
    assert (await room.run()).state is wanted
    assert await room.runner.handed_over() == []
    assert len(room.shed.done) == 1


async def test_an_assistant_that_was_not_ended_says_so(room: Room) -> None:
    room.live(hands_over=True)
    await room.propose(typed=False)
    run = await room.run()
    assert (run.state, run.why) == (RunState.FAILED, phrase("still_here"))


async def test_yesterday_is_the_yesterday_of_when_it_was_asked_for(
    room: Room, clock: Clock
) -> None:
    room.live(params=[Param(name="wall", day=True)], guard=Guard.CONFIRM)
    clock.now = clock.now.replace(hour=20, minute=59, second=30)  # 23:59:30 in Moscow
    await room.propose(ANN, "yesterday")
    clock.forward(seconds=50)
    assert await room.tap(Verb.CONFIRM) == "started"
    await room.work()
    [job] = room.shed.done
    assert (job.day("wall").isoformat(), (await room.run()).target) == (
        "2026-11-22",
        "wall 2026-11-22",
    )


async def test_one_that_a_release_no_longer_has_stops_no_start(room: Room) -> None:
    async def during(_job: Job) -> Facts:
        raise KeyboardInterrupt

    room.shed.during = during
    with pytest.raises(KeyboardInterrupt):
        await room.propose(typed=False)
    room.live(name="remediate_other")
    [lost] = await room.runner.recover()
    await room.runner.probe(lost)
    assert (await room.run()).state is RunState.INTERRUPTED
    post = await room.answer()
    token = await room.token(post, Verb.DO, f"{NAME} north")
    assert await room.press(post, token, ANN, post.chat_id) == "button_unknown"
