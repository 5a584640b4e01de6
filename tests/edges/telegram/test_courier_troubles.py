"""Trouble of our own while the chats are brought up to date: nothing doubled, nothing spins."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from aiogram.exceptions import ClientDecodeError

from bot.core.model import Severity, fires
from bot.core.records import Post, PostState
from bot.edges.store.tx import SqlTx
from bot.edges.telegram.aftermath import Job
from bot.edges.telegram.api import Draft, Moved, Sent, meaning
from demo.telegram import ANN, SHOP_TEAM
from tests import fakes
from tests.edges.telegram.office import Office

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
OTHER = fires("shop database", Severity.WARNING, **fakes.FULL, note="other numbers")


def failing(times: int, work: Callable[..., object]) -> tuple[Callable[..., object], list[int]]:
    """The same work, which fails so many times before it succeeds."""
    tries: list[int] = []

    def shaky(*args: object) -> object:
        tries.append(1)
        if len(tries) <= times:
            raise sqlite3.OperationalError("database is locked")
        return work(*args)

    return shaky, tries


async def test_what_telegram_took_is_not_sent_again_because_it_could_not_be_saved(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    shaky, tries = failing(2, office.courier._record)  # noqa: SLF001  # the disk's part
    monkeypatch.setattr(office.courier, "_record", shaky)
    await office.sees(SICK)
    await office.deliver()
    [post] = await office.posts()
    assert (len(tries), post.state, len(await office.chat())) == (3, PostState.SHOWN, 1)


async def test_tables_that_cannot_be_written_are_not_tried_without_a_pause(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    shaky, tries = failing(3, office.courier._claim)  # noqa: SLF001  # the disk's part
    monkeypatch.setattr(office.courier, "_claim", shaky)
    await office.sees(SICK)
    await office.deliver()
    assert len([wait for wait in office.waits if wait >= 1]) == 3
    assert len(tries) >= 4
    assert len(await office.chat()) == 1


async def test_a_move_that_was_noticed_meanwhile_sends_no_card_twice(office: Office) -> None:
    new = -1009999
    await office.sees(SICK)
    [post] = await office.posts()
    job = Job(post, 1, Draft(chat_id=SHOP_TEAM, text="card"))

    def shown_in_the_new_chat(tx: SqlTx) -> Post | None:
        tx.posts.chat_moved(SHOP_TEAM, new)
        moved = tx.posts.get(post.id)
        assert moved is not None
        tx.posts.save(replace(moved, message_id=5, shown=moved.wanted, state=PostState.SHOWN))
        return tx.posts.get(post.id)

    shown = await office.store.write(shown_in_the_new_chat)
    await office.store.write(lambda tx: office.courier._record(tx, job, Moved(new)))  # noqa: SLF001
    assert await office.posts() == [shown]


@pytest.mark.parametrize("edits", [False, True], ids=["a new card", "an edit"])
async def test_a_card_that_arrived_while_its_group_moved_is_not_looked_for_under_its_old_number(
    office: Office,
    edits: bool,  # noqa: FBT001  # a case of pytest's
) -> None:
    """In the new chat that number is another message's, or nobody's."""
    await office.sees(SICK)
    if edits:
        await office.deliver()
        office.clock.forward(minutes=2)
        await office.sees(OTHER)
    now = office.clock()
    job = await office.store.write(
        lambda tx: office.courier._claim(tx, SHOP_TEAM, now)  # noqa: SLF001  # half of a request
    )
    assert job is not None
    new = await office.phone.migrate(SHOP_TEAM, ANN)
    await office.store.write(lambda tx: tx.posts.chat_moved(SHOP_TEAM, new))
    await office.store.write(
        lambda tx: office.courier._record(tx, job, Sent(5))  # noqa: SLF001  # the other half
    )
    [post] = await office.posts()
    assert (post.chat_id, post.message_id) == (new, None)
    await office.deliver()
    assert len(await office.chat(new)) == 1


@pytest.mark.parametrize("message_id", [None, 41])
def test_an_answer_we_cannot_read_but_that_says_it_was_done_is_no_reason_to_repeat(
    message_id: int | None,
) -> None:
    draft = Draft(chat_id=1, text="card", message_id=message_id)
    data = {"ok": True, "result": {"message_id": 41, "chat": "something new"}}
    error = ClientDecodeError("Failed to deserialize object", ValueError(), data)
    assert meaning(error, draft) == Sent(41)
