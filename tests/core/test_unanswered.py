"""A repair that was asked for and came to nothing is no answer: the clocks go on."""

from datetime import timedelta

import pytest

from bot.core.book import Book
from bot.core.model import phrase
from bot.core.records import PostKind, RunState
from bot.core.runbook import Refused, Runbook
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.core.test_runner import Room


@pytest.fixture
async def room(store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> Room:
    room = Room(store, book, runbook, clock)
    await room.watch.round(runbook)
    return room


async def tidied(room: Room) -> None:
    now = room.clock()
    await room.store.write(lambda tx: room.desk.tidy(tx, now))


async def runs_on(room: Room) -> bool:
    alert = await room.alert()
    return alert.remind_at is not None and alert.escalate_at is not None


async def test_a_question_that_nobody_confirmed(room: Room, clock: Clock) -> None:
    await room.ask()
    clock.forward(seconds=61)
    await tidied(room)
    assert (await room.run()).state is RunState.EXPIRED
    assert await runs_on(room)


async def test_a_preflight_that_refused(room: Room) -> None:
    room.world.preflight = Refused(phrase("too_little_room"))
    await room.ask()
    assert (await room.run()).state is RunState.REFUSED
    assert await runs_on(room)


async def test_a_repair_that_did_not_help(room: Room) -> None:
    await room.ask()
    await room.confirm()
    await room.work()
    assert (await room.run()).state is RunState.NOT_VERIFIED
    assert await runs_on(room)


async def test_an_alert_that_somebody_took_stays_taken(room: Room) -> None:
    await room.press(await room.token(Verb.ACKNOWLEDGE))
    before = await room.alert()
    await room.ask()
    await room.press(await room.token(Verb.CANCEL, "1", kind=PostKind.RUN))
    after = await room.alert()
    assert (after.state, after.escalate_at) == (before.state, None)
    assert after.remind_at is not None
    assert after.remind_at - room.clock() == timedelta(hours=4)
