"""Reminders of steps: when they ring, what holds them back, and that each rings once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.core import desk_todo, todo_changes, todo_reminders
from bot.core.desk_todo import Wanted
from bot.core.model import Person, Role, Severity
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import Post, PostState, Silence
from bot.core.rota import parse_hours
from bot.core.todo import Item
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, TEAM
from tests.core.trace import Day

HOUR = timedelta(hours=1)
ANN = Person(id=7, name="Ann", role=Role.ADMIN)


async def added(day: Day, hours: float = 2, key: str = "1") -> Item:
    now = day.clock()

    def work(tx: Tx) -> Item:
        due, hand = now + hours * HOUR, Hand(tx, day.book, ANN, now)
        wish = Wanted(key=key, text="call", due_at=due, chat_id=TEAM.chat)
        assert desk_todo.add(hand, wish).text.key == "todo_added"
        found = tx.todos.by_key(key)
        assert found is not None
        return found

    return await day.store.write(work)


async def rung(day: Day, number: int = 1) -> Sequence[Post]:
    """Look whether something is due; the reminders so far."""
    now = day.clock()
    await day.store.write(lambda tx: todo_reminders.remind(tx, day.book.policy, now))
    posts = await day.store.read(lambda tx: tx.posts.of_item(number))
    return [one for one in posts if one.context.get("reminder")]


async def found(day: Day) -> Item:
    item = await day.store.read(lambda tx: tx.todos.get(1))
    assert item is not None
    return item


async def changed(day: Day, **values: object) -> None:
    item = replace(await found(day), **values)  # type: ignore[arg-type]  # a test's own
    await day.store.write(lambda tx: tx.todos.save(item))


async def test_it_rings_when_it_is_due_and_each_day_after(day: Day) -> None:
    await added(day)
    day.clock.forward(hours=1, minutes=59)
    assert await rung(day) == []
    day.clock.forward(minutes=1)
    (first,) = await rung(day)
    assert (first.silent, first.chat_id) == (False, TEAM.chat)
    assert len(await rung(day)) == 1
    day.clock.forward(hours=23, minutes=59)
    assert len(await rung(day)) == 1
    day.clock.forward(minutes=1)
    assert len(await rung(day)) == 2
    day.clock.forward(days=5)
    assert len(await rung(day)) == 3  # of what was missed, once
    assert (await found(day)).remind_at == NOON + 2 * HOUR + timedelta(days=7)


async def test_another_time_begins_anew(day: Day) -> None:
    """The first reminder after it is a first one again, and is not taken for that of before."""
    await added(day)
    day.clock.forward(hours=2)
    await rung(day)
    day.clock.forward(days=1)
    assert [post.context["reminder"] for post in await rung(day)] == [1, 2]
    now = day.clock()
    item = await found(day)
    hand = partial(Hand, book=day.book, who=ANN, now=now)
    await day.store.write(lambda tx: todo_changes.set_due(hand(tx), item, now + HOUR))
    assert len(await rung(day)) == 2
    day.clock.forward(hours=1)
    assert [post.context["reminder"] for post in await rung(day)] == [1, 2, 1]
    day.clock.forward(days=1)
    assert [post.context["reminder"] for post in await rung(day)] == [1, 2, 1, 2]


@pytest.mark.parametrize("verb", ["done", "dropped"])
async def test_what_is_over_rings_no_more(day: Day, verb: str) -> None:
    await added(day)
    await changed(day, state=verb, ended_at=NOON, ended_by="Ann")
    day.clock.forward(days=3)
    assert await rung(day) == []


@pytest.mark.parametrize(
    ("check", "severity", "holds"),
    [
        (None, Severity.CRITICAL, True),
        (None, Severity.WARNING, True),
        (None, Severity.INFO, False),
        ("check_growth", Severity.CRITICAL, False),
    ],
)
async def test_a_silence_of_everything_holds_it_back_until_its_end(
    day: Day, check: str | None, severity: Severity, *, holds: bool
) -> None:
    await added(day)
    quiet = Silence(
        id=0,
        check=check,
        subject=None,
        severity=severity,
        by_name="Ann",
        why="",
        created_at=NOON,
        until=NOON + 4 * HOUR,
    )
    await day.store.write(lambda tx: tx.silences.add(quiet))
    day.clock.forward(hours=3)
    assert len(await rung(day)) == (0 if holds else 1)
    day.clock.forward(hours=1)
    assert len(await rung(day)) == 1


async def test_quiet_hours_of_the_settings_hold_it_back(day: Day) -> None:
    day.policy(quiet_hours=[parse_hours("16:00-18:00")])  # the test begins at 15:00 in Moscow
    await added(day)
    day.clock.forward(hours=2, minutes=59)
    assert await rung(day) == []
    day.clock.forward(minutes=1)
    assert len(await rung(day)) == 1


async def test_a_clock_that_was_ahead_silences_no_reminder(day: Day) -> None:
    await added(day)
    day.clock.forward(days=300)
    assert len(await rung(day)) == 1
    day.clock.now = NOON + 3 * HOUR
    assert len(await rung(day)) == 1  # and is planned anew
    assert (await found(day)).remind_at == NOON + 26 * HOUR
    day.clock.forward(days=1)
    assert len(await rung(day)) == 2


async def test_what_a_clock_that_was_ahead_has_rung_for_rings_when_it_is_due(day: Day) -> None:
    await added(day)
    day.clock.forward(days=1)
    assert len(await rung(day)) == 1
    day.clock.now = NOON
    await rung(day)
    day.clock.forward(hours=2)
    assert len(await rung(day)) == 2


async def test_a_chat_that_is_given_up_has_its_reminders_with_the_admins(day: Day) -> None:
    await added(day)
    now = day.clock()
    await day.store.write(lambda tx: tx.posts.mark_broken(TEAM.chat, "kicked", now))
    day.clock.forward(hours=2)
    assert [one.chat_id for one in await rung(day)] == [ADMINS.chat]


async def test_a_reminder_that_cannot_arrive_goes_to_the_admins_once(day: Day) -> None:
    await added(day)
    day.clock.forward(hours=2)
    (lost,) = await rung(day)
    dead = replace(lost, state=PostState.DEAD)
    await day.store.write(lambda tx: tx.posts.save(dead))
    for _ in range(2):
        await day.store.write(
            lambda tx: todo_reminders.undelivered(tx, day.book.policy, TEAM.chat, day.clock())
        )
    assert [one.chat_id for one in await rung(day)] == [TEAM.chat, ADMINS.chat]


async def test_what_was_shown_is_not_told_again_elsewhere(day: Day) -> None:
    await added(day)
    day.clock.forward(hours=2)
    (shown,) = await rung(day)
    there = replace(shown, state=PostState.DEAD, message_id=5)  # shown, and the chat closed later
    await day.store.write(lambda tx: tx.posts.save(there))
    await day.store.write(
        lambda tx: todo_reminders.undelivered(tx, day.book.policy, TEAM.chat, day.clock())
    )
    assert len(await rung(day)) == 1


async def test_a_kill_in_the_middle_has_rung_nothing_and_rings_it_once_after(
    day: Day, tmp_path: Path
) -> None:
    """The reminder and the note that it has rung are one transaction, kept in the file."""
    await added(day)
    day.clock.forward(hours=2)
    now = day.clock()

    def killed(tx: Tx) -> None:
        todo_reminders.remind(tx, day.book.policy, now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await day.store.write(killed)
    assert len(await reminders_in(day.store, day, now)) == 1
    again = await SqlStore.open(tmp_path / "state.db")
    assert len(await reminders_in(again, day, now)) == 1
    await again.close()


async def reminders_in(store: SqlStore, day: Day, now: datetime) -> Sequence[Post]:
    await store.write(lambda tx: todo_reminders.remind(tx, day.book.policy, now))
    posts = await store.read(lambda tx: tx.posts.of_item(1))
    return [one for one in posts if one.context.get("reminder")]
