"""The assistant is asked to end while a confirmed run still looks whether it can be done."""

import pytest

from bot.core.job import Job
from bot.core.model import Facts
from bot.core.policy import Policy
from bot.core.records import RunState
from bot.core.runbook import Guard
from bot.core.tools import ActionTools
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.core.actions import Room


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    return Room(store=store, clock=clock, policy=policy)


async def test_nothing_begins_any_more_and_the_next_start_takes_it_up(room: Room) -> None:
    async def looks_too_long(_tools: ActionTools, _job: Job) -> Facts:
        room.runner.end()
        return {"coats": 1}

    usual = room.action.preflight
    room.live(guard=Guard.NONE, preflight=looks_too_long)
    await room.propose(typed=False)
    assert (await room.run()).state is RunState.REQUESTED
    assert room.shed.done == [], "nobody would tell it to stop"

    room.live(preflight=usual)
    assert await room.runner.recover() == []
    await room.work()
    assert (await room.run()).state is RunState.SUCCEEDED
    assert len(room.shed.done) == 1
