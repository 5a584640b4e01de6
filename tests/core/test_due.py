"""Each time at which the clock does something is known beforehand, so that nobody has to look."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.core import due, senders, todo_reminders
from bot.core.ports import Tx
from bot.core.records import Promise
from bot.core.rota import parse_hours
from bot.core.runbook import Runbook
from bot.core.todo import Item
from bot.edges.store import SqlStore
from tests.conftest import NOON, TEAM, Clock
from tests.core.test_runner import Room
from tests.core.trace import AWFUL, BAD, SICK, WELL, Day

GRACE = timedelta(minutes=5)


async def next_at(day: Day) -> datetime | None:
    now = day.clock()
    return await day.store.read(lambda tx: due.next_at(tx, day.book.policy, now, GRACE))


def minutes(*after: int) -> Sequence[datetime]:
    return [NOON + timedelta(minutes=one) for one in after]


async def test_at_rest_nothing_is_due(day: Day) -> None:
    assert await next_at(day) is None
    await day.sees(BAD)
    await day.sees(WELL)
    assert await next_at(day) is None


async def test_a_reminder_and_an_escalation(day: Day) -> None:
    await day.sees(BAD)
    assert [await next_at(day)] == minutes(15)
    await day.passes(15)
    assert [await next_at(day)] == minutes(60)
    await day.takes()
    assert [await next_at(day)] == minutes(15 + 240)


async def test_a_worse_alert_brings_it_forward(day: Day) -> None:
    await day.sees(SICK)
    assert [await next_at(day)] == minutes(60)
    await day.sees(AWFUL)
    assert [await next_at(day)] == minutes(5)


async def test_the_end_of_a_silence(day: Day) -> None:
    quiet = await day.silence(30)
    assert [await next_at(day)] == minutes(30)
    await day.write(lambda tx: tx.silences.end(quiet.id, "Ann", NOON))
    assert await next_at(day) is None


async def test_the_end_of_quiet_hours(day: Day) -> None:
    day.policy(quiet_hours=[parse_hours("14:00-15:30")])
    assert [await next_at(day)] == minutes(30)


async def test_a_sender_that_falls_silent(day: Day) -> None:
    check = senders.name_of("grafana")

    def told(tx: Tx) -> None:
        [until] = minutes(3)
        tx.heard.keep([Promise(check=check, subject="a", heard_at=NOON, until=until)])

    await day.write(told)
    assert [await next_at(day)] == minutes(3 + 5)
    day.clock.forward(minutes=8)
    now = day.clock()
    assert await day.write(lambda tx: senders.lapse(tx, day.book, now, GRACE)) == 1
    assert await next_at(day) is None


async def test_a_step_of_the_checklist(day: Day) -> None:
    [at] = minutes(20)
    item = Item(
        id=0,
        step="",
        text="call",
        chat_id=TEAM.chat,
        created_at=NOON,
        created_by="Ann",
        created_id=7,
        due_at=at,
        remind_at=at,
    )
    await day.write(lambda tx: tx.todos.add(item, key="x"))
    assert [await next_at(day)] == minutes(20)
    day.clock.forward(minutes=20)
    now = day.clock()
    assert await day.write(lambda tx: todo_reminders.remind(tx, day.book.policy, now)) == 1
    assert [await next_at(day)] == minutes(20 + 24 * 60)


@pytest.fixture
async def room(store: SqlStore, day: Day, runbook: Runbook, clock: Clock) -> Room:
    return Room(store, day.book, runbook, clock)


async def test_a_question_that_nobody_confirms(day: Day, room: Room) -> None:
    room.book = day.book
    await room.watch.round(room.runbook)
    await room.ask()
    assert [await next_at(day)] == minutes(1)
