"""What starts by itself, and what never does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import automatic
from bot.core.model import Severity
from bot.core.policy import Policy
from bot.core.records import Run, RunState, Silence
from bot.core.runbook import Guard
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, Clock
from tests.core.actions import Room


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    return Room(store=store, clock=clock, policy=replace(policy, automatic=True))


async def start(room: Room, key: str = "monthly:2026-11", wall: str = "north") -> Run | None:
    return await room.store.write(
        lambda tx: automatic.start(
            tx, room.policy, room.action, room.clock(), key=key, by="Schedule", args={"wall": wall}
        )
    )


async def test_it_is_done_once_for_its_key_and_told_to_the_admins(room: Room) -> None:
    assert await start(room) is not None
    await room.work()
    [job] = room.shed.done
    assert (job.args, job.who) == ({"wall": "north"}, None)
    assert (await room.run()).state is RunState.SUCCEEDED
    assert [post.chat_id for post in await room.posts(1)] == [ADMINS.chat]
    room.clock.forward(hours=2)
    assert await start(room) is None


async def test_what_two_people_have_to_agree_to_never_starts_by_itself(room: Room) -> None:
    room.live(guard=Guard.TWO_PEOPLE)
    assert await start(room) is None


async def test_nothing_starts_in_somebody_s_maintenance(room: Room) -> None:
    work = Silence(
        id=0,
        check=None,
        subject=None,
        severity=Severity.CRITICAL,
        by_name="Ann",
        why="moving",
        created_at=NOON,
        until=NOON + timedelta(hours=1),
        maintenance=True,
    )
    await room.store.write(lambda tx: tx.silences.add(work))
    assert await start(room) is None


async def test_what_disrupts_waits_for_the_window(room: Room, clock: Clock) -> None:
    room.live(disruptive=True)
    assert await start(room) is None
    clock.forward(hours=12)  # 03:00 in Moscow
    assert await start(room) is not None


async def test_a_busy_target_is_left_alone(room: Room) -> None:
    await room.propose()
    assert await start(room) is None
    assert await start(room, "another", "south") is not None


@pytest.mark.parametrize("ahead", [{"hours": 1}, {"days": 400}])
async def test_a_clock_that_was_ahead_stops_repairs_for_no_longer_than_their_pause(
    room: Room, clock: Clock, ahead: dict[str, float]
) -> None:
    room.live(automatic_pause=timedelta(minutes=30))
    clock.forward(**ahead)
    assert await start(room, "ahead") is not None
    await room.work()
    clock.forward(**{name: -count for name, count in ahead.items()})
    assert await start(room, "back", "south") is not None
    await room.work()
    clock.forward(minutes=29)
    assert await start(room, "too soon") is None
    clock.forward(minutes=2)
    assert await start(room, "in time") is not None
