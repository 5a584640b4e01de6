"""Decided before a crash and carried out after the start: by those who may decide it still."""

from dataclasses import replace

import pytest

from bot.core import grants, recovery
from bot.core.access import Access
from bot.core.grants import ApiToken, Grant
from bot.core.model import Person, Role, phrase
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.core.runbook import Guard
from bot.core.verbs import Verb
from bot.core.wish import Wish
from bot.edges.store import SqlStore
from tests.conftest import TEAM, Clock
from tests.core.actions import ANN, BORIS, NAME, OLGA, Room

TOKEN = ApiToken("ci", Grant.ADMIN, grants.digest("x"))
WISH = Wish(action=NAME, key="w", args={"wall": "north"}, chat_id=TEAM.chat)
NOW = Access(admins={ANN.id, OLGA.id}, managers={BORIS.id}, viewers=(), chats=())


@pytest.fixture
def room(store: SqlStore, clock: Clock, policy: Policy) -> Room:
    return Room(store=store, clock=clock, policy=policy)


async def starts(room: Room, access: Access, *tokens: ApiToken) -> list[int]:
    """What a start refuses; then the work goes on."""

    def look(tx: Tx) -> list[Run]:
        return recovery.refuse_lost(
            tx, room.book, room.clock(), lambda number: grants.role_of(access, tokens, number)
        )

    refused = await room.store.write(look)
    assert await room.runner.recover() == []
    await room.work()
    return [run.id for run in refused]


async def decided(room: Room, guard: Guard) -> None:
    room.live(guard=guard, role=Role.ADMIN)
    if guard is Guard.NONE:
        await room.desk.propose(ANN, WISH)
    else:
        await room.propose()
        second = OLGA if guard is Guard.TWO_PEOPLE else ANN
        assert await room.tap(Verb.CONFIRM, second) == "started"
    assert (await room.run()).state is RunState.REQUESTED


@pytest.mark.parametrize("guard", list(Guard))
async def test_it_is_carried_out_where_they_may(room: Room, guard: Guard) -> None:
    await decided(room, guard)
    assert await starts(room, NOW) == []
    assert (await room.run()).state is RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("guard", "lost"),
    [(Guard.NONE, ANN), (Guard.CONFIRM, ANN), (Guard.TWO_PEOPLE, ANN), (Guard.TWO_PEOPLE, OLGA)],
)
@pytest.mark.parametrize("role", [Role.MANAGER, None])
async def test_it_is_refused_with_the_reason_where_one_may_no_longer(
    room: Room, guard: Guard, lost: Person, role: Role | None
) -> None:
    await decided(room, guard)
    managers = {BORIS.id, lost.id} if role else {BORIS.id}
    access = replace(NOW, admins={ANN.id, OLGA.id} - {lost.id}, managers=managers)
    assert await starts(room, access) == [1]
    run = await room.run()
    assert run.why == phrase("decider_lost_role", by=lost.name, needed=Role.ADMIN)
    assert (run.state, room.shed.done) == (RunState.REFUSED, [])
    assert await room.store.read(lambda tx: tx.runs.active_on("wall north")) is None


@pytest.mark.parametrize("kept", [True, False])
async def test_a_token_that_was_taken_out_decides_nothing(room: Room, *, kept: bool) -> None:
    room.live(guard=Guard.NONE, role=Role.ADMIN)
    await room.desk.propose(Person(id=TOKEN.number, name="api:ci"), WISH, role=Role.ADMIN)
    assert await starts(room, NOW, *([TOKEN] if kept else [])) == ([] if kept else [1])
    assert len(room.shed.done) == kept


async def test_what_began_by_itself_asks_nobody(store: SqlStore, clock: Clock, room: Room) -> None:
    run = Run(
        id=0,
        key="auto",
        action=NAME,
        target="wall north",
        args={"wall": "north"},
        state=RunState.REQUESTED,
        asked_at=clock(),
        asked_name="SoVAni Ops",
    )
    await store.write(lambda tx: tx.runs.add(run))
    assert await starts(room, Access(admins=(), managers=(), viewers=(), chats=())) == []
    assert len(room.shed.done) == 1
