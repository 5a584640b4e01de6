"""The assistant starts with other chats in its settings than before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core import reach, recovery, run_messages, todo_reminders
from bot.core.desk_todo import Wanted, add
from bot.core.model import Person
from bot.core.policy import Chat
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import PostKind, PostState, Run, RunState
from bot.settings_types import ChatRef
from tests.conftest import ADMINS, TEAM
from tests.core.trace import BAD, SICK, WELL, Day

OTHERS = ChatRef(-1009)
ANN = Person(id=7, name="Ann")


async def starts(day: Day, *alerts: Chat, admins: Chat = ADMINS) -> list[int]:
    """The settings name these chats now."""
    day.policy(alert_chats=alerts, admin_chat=admins)
    chats, now = [*(one.chat for one in alerts), admins.chat, ANN.id], day.clock()
    return await day.write(lambda tx: reach.follow_settings(tx, day.book.policy, chats, now))


async def shown(day: Day) -> None:
    """Telegram has taken all there is."""

    def show(tx: Tx) -> None:
        for post in (one for n in range(1, 50) if (one := tx.posts.get(n))):
            if post.state is PostState.WAITING:
                there = replace(post, state=PostState.SHOWN, message_id=post.id, shown=post.wanted)
                tx.posts.save(there)

    await day.write(show)


async def due(day: Day) -> Sequence[int]:
    now = day.clock()
    return sorted(await day.store.read(lambda tx: tx.posts.due_chats(now)))


async def test_a_chat_that_left_hears_nothing_more(day: Day) -> None:
    await starts(day, TEAM)
    await day.sees(SICK)
    await shown(day)
    assert await starts(day, OTHERS) == [TEAM.chat]
    assert await due(day) == [OTHERS.chat]  # what is open is shown where it belongs now

    await shown(day)
    await day.sees(BAD)
    await day.passes(16)  # a reminder, too
    assert await due(day) == [OTHERS.chat]
    await day.takes()
    await day.sees(WELL)
    assert await due(day) == [OTHERS.chat]
    assert await day.store.read(lambda tx: list(tx.posts.undelivered(day.clock()))) == []


async def test_a_start_with_the_same_chats_changes_nothing(day: Day) -> None:
    await starts(day, TEAM)
    await day.sees(SICK)
    before = await day.posts()
    assert await starts(day, TEAM) == []
    assert await day.posts() == before


async def test_a_chat_that_is_back_is_shown_what_is_open_on_its_old_cards(day: Day) -> None:
    await starts(day, TEAM)
    await day.sees(SICK)
    await shown(day)
    await starts(day, OTHERS)
    await shown(day)
    await day.sees(BAD)
    await starts(day, TEAM, OTHERS)
    assert await due(day) == [OTHERS.chat, TEAM.chat]
    cards = [one for one in await day.posts() if one.kind is PostKind.CARD]
    assert [(one.chat_id, one.message_id is None) for one in cards] == [
        (TEAM.chat, False),
        (OTHERS.chat, False),
    ]


async def test_one_that_took_no_messages_is_asked_no_more(day: Day) -> None:
    await starts(day, TEAM)
    now = day.clock()
    await day.write(lambda tx: reach.broke(tx, day.book.policy, TEAM.chat, "kicked", now))
    await starts(day, OTHERS)
    assert await day.store.read(lambda tx: tx.posts.broken()) == {}


async def test_a_step_that_lived_there_is_the_admins_matter(day: Day) -> None:
    await starts(day, TEAM)
    now = day.clock()
    wanted = Wanted(key="x", text="call", due_at=now + timedelta(hours=1), chat_id=TEAM.chat)
    await day.write(lambda tx: add(Hand(tx, day.book, ANN, now), wanted))
    await shown(day)
    await starts(day, OTHERS)
    day.clock.forward(hours=1)
    later = day.clock()
    assert await day.write(lambda tx: todo_reminders.remind(tx, day.book.policy, later)) == 1
    assert await due(day) == [ADMINS.chat]


async def test_a_run_that_was_asked_for_there_tells_nobody_there_how_it_ends(day: Day) -> None:
    await starts(day, TEAM)
    now = day.clock()
    run = Run(
        id=0,
        key="x",
        action="remediate_vacuum_db",
        target="shop database",
        state=RunState.RUNNING,
        asked_at=now,
        asked_by=ANN.id,
        asked_name=ANN.name,
        chat_id=TEAM.chat,
    )

    def begin(tx: Tx) -> None:
        made = tx.runs.add(run)
        assert made is not None
        run_messages.show(tx, day.book.policy, made, now)

    await day.write(begin)
    await shown(day)
    await starts(day, OTHERS)
    await day.write(lambda tx: recovery.interrupt(tx, day.book, now))
    assert await due(day) == []
