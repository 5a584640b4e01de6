"""The wall clock jumps by an hour or a day, either way: nothing waits for it to come back."""

from datetime import timedelta

import pytest

from bot.core import desk_runs
from bot.core.book import Book
from bot.core.matrix import MATRIX
from bot.core.model import Severity, fires
from bot.core.records import Post, PostKind, Run, RunState
from bot.core.runner import Runner
from bot.core.watch import Watch
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import TEAM, Clock
from tests.core.trace import SICK, Day

VACUUM = "remediate_vacuum_db"
JUMPS = pytest.mark.parametrize("hours", [-24, -1])


def a_run(clock: Clock, state: RunState) -> Run:
    now = clock()
    return Run(
        id=0,
        key="tap:1",
        action=VACUUM,
        target="shop database",
        state=state,
        asked_at=now,
        asked_name="Ann",
        asked_by=7,
        expires_at=now + timedelta(seconds=60),
        started_at=now if state is RunState.SUCCEEDED else None,
    )


@JUMPS
async def test_a_message_that_waits_is_due_though_time_was_set_back(
    store: SqlStore, clock: Clock, hours: int
) -> None:
    later = clock() + timedelta(seconds=30)
    post = Post(
        id=0, kind=PostKind.NOTICE, chat_id=TEAM.chat, created_at=clock(), not_before=later
    )
    await store.write(lambda tx: tx.posts.add(post))
    now = clock()
    assert await store.read(lambda tx: tx.posts.due_chats(now)) == []

    clock.forward(hours=hours)
    early = clock()
    assert await store.read(lambda tx: tx.posts.due_chats(early)) == [TEAM.chat]
    found = await store.read(lambda tx: tx.posts.next_in(TEAM.chat, early))
    assert found is not None


@JUMPS
async def test_a_question_nobody_confirms_locks_its_target_no_longer(
    store: SqlStore, clock: Clock, hours: int
) -> None:
    await store.write(lambda tx: tx.runs.add(a_run(clock, RunState.PROPOSED)))
    now = clock()
    assert await store.write(lambda tx: desk_runs.tidy(tx, now, MATRIX)) == 0

    clock.forward(hours=hours)
    early = clock()
    assert await store.write(lambda tx: desk_runs.tidy(tx, early, MATRIX)) == 1
    assert await store.read(lambda tx: tx.runs.active_on("shop database")) is None


@JUMPS
async def test_a_repair_can_be_made_again_though_the_last_one_seems_to_come(
    store: SqlStore, book: Book, clock: Clock, hours: int
) -> None:
    world = fakes.World()
    tools = fakes.tools(world)

    def nobody() -> None: ...

    watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=nobody)
    runner = Runner(store=store, book=book, tools=tools, watch=watch, clock=clock, wake=nobody)
    await store.write(lambda tx: tx.runs.add(a_run(clock, RunState.SUCCEEDED)))
    clock.forward(hours=hours)
    again = Run(
        id=0,
        key="tap:2",
        action=VACUUM,
        target="shop database",
        state=RunState.REQUESTED,
        asked_at=clock(),
        asked_name="Ann",
        asked_by=7,
    )
    await store.write(lambda tx: tx.runs.add(again))
    [pending] = await runner.pending()
    await runner.handle(pending)
    assert world.done == ["vacuum"]


@JUMPS
async def test_a_storm_that_seems_to_come_swallows_no_new_alert(day: Day, hours: int) -> None:
    crowd = [fires(f"t{number}", Severity.WARNING, **fakes.FULL) for number in range(12)]
    await day.sees(*crowd)
    [storm] = await day.store.read(lambda tx: tx.posts.digests_of(1))
    assert storm.kind is PostKind.STORM
    day.clock.forward(hours=hours)
    await day.sees(*crowd, SICK)
    [card] = await day.posts(13)
    assert (card.kind, card.silent) == (PostKind.CARD, False)
