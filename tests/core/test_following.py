"""Stop, undo, resume: what may be done to a run, by whom, until when, and how often."""

import pytest

from bot.core.job import Job, Stopped
from bot.core.model import Facts, phrase
from bot.core.params import Param
from bot.core.policy import Policy
from bot.core.records import PostKind, Run, RunState
from bot.core.runbook import ActionFailed, Guard, Remediation
from bot.core.tools import ActionTools
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, TEAM, Clock
from tests.core.actions import ANN, BORIS, NAME, OLGA, SAM, VERA, Room

UNPAINT = "remediate_unpaint"


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    return Room(store=store, clock=clock, policy=policy)


def undoable(room: Room, guard: Guard = Guard.NONE) -> list[Job]:
    """Make painting something that can be taken back; return what was taken back."""
    undone: list[Job] = []

    async def act(_tools: ActionTools, job: Job) -> Facts:
        undone.append(job)
        return {"undone": True}

    async def preflight(_tools: ActionTools, _job: Job) -> Facts:
        return {}

    unpaint = Remediation(
        name=UNPAINT,
        label="Unpaint",
        target="never used: it locks what the painting locked",
        preflight=preflight,
        act=act,
        guard=guard,
        params=[Param(name="run", low=1)],
        direct=False,
    )
    room.live(unpaint, undo=UNPAINT, guard=Guard.NONE)
    return undone


async def painted(room: Room) -> None:
    await room.propose(typed=False)
    assert (await room.run()).state is RunState.SUCCEEDED


# Undo


async def test_what_is_done_can_be_undone_once(room: Room) -> None:
    undone = undoable(room)
    await painted(room)
    assert await room.keys() == ["Undo"]
    assert await room.tap(Verb.UNDO, OLGA) == "started"
    assert await room.keys() == []
    assert await room.tap(Verb.UNDO, ANN) == "undone_already"
    await room.work()
    assert await room.tap(Verb.UNDO, ANN) == "undone_already"
    await room.work()
    [job] = undone
    assert job.origin is not None
    assert (job.args, job.origin.id, job.origin.args) == ({"run": 1}, 1, {"wall": "north"})
    assert ((await room.run(2)).target, (await room.run(2)).state) == (
        "wall north",
        RunState.SUCCEEDED,
    )


async def test_an_undo_that_comes_too_late_undoes_nothing(room: Room, clock: Clock) -> None:
    undone = undoable(room)
    await painted(room)
    clock.forward(minutes=10, seconds=1)
    assert await room.tap(Verb.UNDO) == "undo_too_late"
    await room.store.write(lambda tx: room.desk.tidy(tx, clock()))
    assert await room.keys() == []
    assert await room.tap(Verb.UNDO) == "undo_too_late"
    await room.work()
    assert undone == []


async def test_an_undo_that_nobody_confirmed_may_be_asked_for_again(
    room: Room, clock: Clock
) -> None:
    undone = undoable(room, Guard.CONFIRM)
    await painted(room)
    assert await room.tap(Verb.UNDO) == "preparing"
    await room.work()
    assert await room.tap(Verb.CANCEL, run_id=2) == "cancelled"
    assert await room.keys() == ["Undo"]
    assert await room.tap(Verb.UNDO) == "preparing"
    await room.work()
    clock.forward(minutes=1)
    assert await room.tap(Verb.CONFIRM, run_id=3) == "started"
    await room.work()
    assert len(undone) == 1


@pytest.mark.parametrize("verb", [Verb.UNDO, Verb.RESUME, Verb.STOP])
async def test_a_viewer_and_a_stranger_follow_nothing(room: Room, verb: Verb) -> None:
    undone = undoable(room)
    await painted(room)
    assert await room.tap(verb, VERA) == "role_too_low"
    assert await room.tap(verb, SAM) == "stranger"
    assert await room.tap(verb, BORIS, in_chat=-100999) == "unknown_chat"
    assert undone == []


async def test_an_undo_is_nothing_that_can_be_asked_for_by_itself(room: Room) -> None:
    undone = undoable(room)
    await painted(room)
    post = await room.answer()
    token = await room.token(post, Verb.DO, f"{UNPAINT} 1")
    assert await room.press(post, token, ANN, TEAM.chat) == "button_unknown"
    assert undone == []


async def test_what_was_not_done_cannot_be_undone(room: Room) -> None:
    undoable(room)

    async def fails(_job: Job) -> Facts:
        raise ActionFailed(phrase("alert_over"))

    room.shed.during = fails
    await room.propose(typed=False)
    assert (await room.run()).state is RunState.FAILED
    assert await room.keys() == []
    assert await room.tap(Verb.UNDO) == "nothing_to_undo"


# Stop


async def stops_half_way(job: Job) -> Facts:
    if job.stop.asked:
        raise Stopped({"painted": 3})
    return {"painted": 12}


def tapping(room: Room, *taps: tuple[Verb, object]) -> list[str]:
    """Have buttons pressed while it works; what each was answered."""
    said: list[str] = []

    async def during(job: Job) -> Facts:
        for verb, who in taps:
            said.append(await room.tap(verb, who))  # type: ignore[arg-type]  # a person
        await room.runner.pending()  # the loop looks again whenever something has changed
        return await stops_half_way(job)

    room.shed.during = during
    return said


async def test_whoever_may_start_it_may_stop_it_and_it_says_how_far_it_came(room: Room) -> None:
    room.live(cancellable=True, guard=Guard.NONE)
    said = tapping(room, (Verb.STOP, VERA), (Verb.STOP, OLGA), (Verb.STOP, ANN))
    await room.propose(typed=False)
    run = await room.run()
    assert said == ["role_too_low", "stopping", "stops_already"]
    assert (run.state, run.after, run.stop_by) == (RunState.CANCELLED, {"painted": 3}, "Olga")
    assert await room.tap(Verb.STOP) == "already_over"


async def test_what_cannot_be_stopped_goes_on(room: Room) -> None:
    room.live(guard=Guard.NONE)
    said = tapping(room, (Verb.STOP, ANN))
    await room.propose(typed=False)
    assert said == ["cannot_stop"]
    assert (await room.run()).after == {"painted": 12}


async def test_a_viewer_stops_nothing(room: Room) -> None:
    room.live(cancellable=True, guard=Guard.NONE)
    said = tapping(room, (Verb.STOP, VERA), (Verb.STOP, SAM))
    await room.propose(typed=False)
    assert said == ["role_too_low", "stranger"]
    assert (await room.run()).after == {"painted": 12}


async def test_an_assistant_that_ends_asks_what_runs_to_stop(room: Room) -> None:
    room.live(cancellable=True, guard=Guard.NONE)

    async def during(job: Job) -> Facts:
        room.runner.end()
        return await stops_half_way(job)

    room.shed.during = during
    await room.propose(typed=False)
    run = await room.run()
    assert (run.state, run.why) == (RunState.CANCELLED, phrase("stopped_by_shutdown"))


# Resume


async def broken_off(room: Room) -> None:
    """A run in the middle of which the power went."""

    async def during(job: Job) -> Facts:
        await job.progress({"done": 3, "total": 12})
        raise KeyboardInterrupt

    room.shed.during = during
    with pytest.raises(KeyboardInterrupt):
        await room.propose(typed=False)
    room.shed.during = None
    room.live()


async def test_after_a_crash_it_is_reported_with_what_was_found_and_never_repeated(
    room: Room,
) -> None:
    async def probe(_tools: ActionTools, job: Job) -> Facts:
        return {"wet": True, "wall": job.word("wall")}

    room.live(guard=Guard.NONE, probe=probe)
    await broken_off(room)
    [lost] = await room.runner.recover()
    await room.runner.probe(lost)
    await room.work()
    run = await room.run()
    assert (run.state, run.found) == (RunState.INTERRUPTED, {"wet": True, "wall": "north"})
    assert run.progress == {"done": 3, "total": 12}
    assert len(room.shed.done) == 1
    assert await room.keys() == []  # it cannot go on
    assert await room.tap(Verb.RESUME) == "nothing_to_resume"


async def test_what_can_go_on_goes_on_once(room: Room) -> None:
    room.live(guard=Guard.NONE, resumable=True)
    await broken_off(room)
    await room.runner.recover()
    assert await room.keys() == ["Resume"]
    assert await room.tap(Verb.RESUME, BORIS) == "started"
    assert await room.tap(Verb.RESUME, ANN) == "resumed_already"
    await room.work()
    assert await room.tap(Verb.RESUME, ANN) == "resumed_already"
    _, job = room.shed.done
    assert job.origin is not None
    assert (job.args, job.origin.progress) == ({"wall": "north"}, {"done": 3, "total": 12})
    assert (await room.run(2)).state is RunState.SUCCEEDED


async def test_trouble_rings_where_no_alert_tells_of_it(room: Room) -> None:
    room.live(guard=Guard.NONE)
    await broken_off(room)
    await room.runner.recover()
    posts = await room.store.read(lambda tx: tx.posts.of_run(1))
    [message] = posts
    replies = await room.store.read(lambda tx: tx.posts.replies(message.id))
    assert [(one.kind, one.template) for one in replies] == [
        (PostKind.NOTICE, "notices/run_over.html.j2")
    ]


async def test_an_automatic_run_that_can_go_on_is_shown_to_the_admins(room: Room) -> None:
    room.live(resumable=True)
    lost = Run(
        id=0,
        key="auto",
        action=NAME,
        target="wall north",
        args={"wall": "north"},
        state=RunState.RUNNING,
        asked_at=room.clock(),
        started_at=room.clock(),
        asked_name="SoVAni Ops",
    )
    await room.store.write(lambda tx: tx.runs.add(lost))
    await room.runner.recover()
    assert [post.chat_id for post in await room.posts(1)] == [ADMINS.chat]
    assert await room.tap(Verb.RESUME, ANN, chat=ADMINS.chat) == "preparing"
