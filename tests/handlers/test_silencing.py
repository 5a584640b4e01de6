"""Silences by button: on the card, under More…, in /alert and in /silences."""

from dataclasses import replace

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.core import keyboard
from bot.core.book import Book
from bot.core.model import Alert, State
from bot.core.records import PostKind, Silence
from bot.edges.store import SqlStore
from tests.conftest import NOON, TEAM, Clock
from tests.handlers.alerts import HOUR, history, now_is, opened, silences
from tests.handlers.telegram import ANN, BORIS, VERA, Call, Phone, buttons, texts


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


async def keys_of(phone: Phone, store: SqlStore, book: Book) -> tuple[int, dict[str, str]]:
    """The card as it is now: its number and its buttons."""
    alert = await now_is(store)
    found = await silences(store, phone.clock())
    quiet = found[0] if found else None
    phone.updates += 1  # another message number
    existing = await store.read(lambda tx: tx.posts.of_alert(alert.id))
    keys = keyboard.of_alert(alert, book.runbook(alert.check), [], False, quiet)  # noqa: FBT003
    kind = PostKind.NOTICE if existing else PostKind.CARD
    post, tokens = await phone.shown(kind, keys, alert_id=alert.id)
    labels = [key.label for row in keys for key in row]
    assert post.message_id is not None
    return post.message_id, dict(zip(labels, tokens, strict=True))


def toast(calls: list[Call]) -> str:
    (call,) = [one for one in calls if isinstance(one, AnswerCallbackQuery)]
    return str(call.text)


def sent(calls: list[Call]) -> SendMessage | EditMessageText:
    (call,) = [one for one in calls if isinstance(one, SendMessage | EditMessageText)]
    return call


async def more(phone: Phone, store: SqlStore, book: Book) -> tuple[int, dict[str, str]]:
    card, tokens = await keys_of(phone, store, book)
    menu = sent(await phone.tap(BORIS, TEAM.chat, card, tokens["More…"]))
    return phone.session.last_id, buttons(menu)


async def test_a_card_has_quiet_and_its_end_by_one_tap(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    del alert
    card, tokens = await keys_of(phone, store, book)
    assert list(tokens)[:3] == ["Acknowledge", "Silence 1h", "More…"]
    assert toast(await phone.tap(BORIS, TEAM.chat, card, tokens["Silence 1h"])) == (
        "Silenced until 16:00."
    )
    again = toast(await phone.tap(ANN, TEAM.chat, card, tokens["Silence 1h"]))
    assert again == "That is silent already, until 16:00 (Boris)."
    card, tokens = await keys_of(phone, store, book)
    assert list(tokens)[:3] == ["Acknowledge", "End silence", "More…"]
    assert toast(await phone.tap(ANN, TEAM.chat, card, tokens["End silence"])) == "It rings again."
    late = toast(await phone.tap(BORIS, TEAM.chat, card, tokens["End silence"]))
    assert late == "That silence is over, ended by Ann."
    assert [one.event for one in await history(store)] == ["silenced", "unsilenced"]


async def test_a_taken_card_is_given_back_by_a_tap(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    del alert
    card, tokens = await keys_of(phone, store, book)
    await phone.tap(BORIS, TEAM.chat, card, tokens["Acknowledge"])
    card, tokens = await keys_of(phone, store, book)
    assert toast(await phone.tap(VERA, TEAM.chat, card, tokens["Give back"])) == (
        "Your role is viewer; this needs a manager."
    )
    assert (await now_is(store)).state is State.ACKNOWLEDGED
    said = toast(await phone.tap(ANN, TEAM.chat, card, tokens["Give back"]))
    assert said == "Given back: nobody has it, its clocks start anew."
    assert (await now_is(store)).state is State.FIRING
    twice = toast(await phone.tap(BORIS, TEAM.chat, card, tokens["Give back"]))
    assert twice == "Nobody has taken it; there is nothing to give back."


@pytest.mark.parametrize(
    ("label", "hours"), [("15 min", 0.25), ("1 h", 1), ("4 h", 4), ("Until 09:00", 18)]
)
async def test_more_offers_lengths_and_shows_what_was_chosen(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone, store: SqlStore, book: Book, alert: Alert, label: str, hours: float
) -> None:
    del alert
    menu, tokens = await more(phone, store, book)
    assert list(tokens) == ["15 min", "1 h", "4 h", "Until 09:00", "Cancel"]
    calls = await phone.tap(BORIS, TEAM.chat, menu, tokens[label])
    assert toast(calls).startswith("Silenced until")
    shown = sent(calls)
    assert isinstance(shown, EditMessageText)
    assert shown.message_id == menu
    assert str(shown.text).startswith("🔕 <b>Silenced until")
    assert list(buttons(shown)) == ["End silence"]
    (made,) = await silences(store)
    assert made.until == NOON + hours * HOUR
    ended = sent(await phone.tap(ANN, TEAM.chat, menu, buttons(shown)["End silence"]))
    assert list(buttons(ended)) == ["15 min", "1 h", "4 h", "Until 09:00", "Cancel"]
    assert await silences(store) == []


async def test_cancel_puts_the_menu_away_and_changes_nothing(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    menu, tokens = await more(phone, store, book)
    closed = sent(await phone.tap(VERA, TEAM.chat, menu, tokens["Cancel"]))
    assert isinstance(closed, EditMessageText)
    assert (closed.text, closed.reply_markup) == ("Nothing was changed.", None)
    assert await silences(store) == []
    assert await now_is(store) == alert


async def test_a_viewer_is_told_that_silences_need_a_manager(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    del alert
    card, tokens = await keys_of(phone, store, book)
    said = texts(await phone.tap(VERA, TEAM.chat, card, tokens["More…"]))
    assert "Your role is viewer; this needs a manager." in said
    menu, tokens = await more(phone, store, book)
    assert "needs a manager" in toast(await phone.tap(VERA, TEAM.chat, menu, tokens["4 h"]))
    assert await silences(store) == []


async def test_a_menu_of_an_alert_that_healed_meanwhile_silences_nothing(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    menu, tokens = await more(phone, store, book)
    healed = replace(alert, state=State.RESOLVED, resolved_at=NOON)
    await store.write(lambda tx: tx.alerts.save(healed))
    calls = await phone.tap(BORIS, TEAM.chat, menu, tokens["4 h"])
    assert toast(calls) == "This alert is over; there is nothing to do."
    assert await silences(store) == []


async def test_the_menu_s_buttons_work_on_their_own_message_only(
    phone: Phone, store: SqlStore, book: Book, alert: Alert
) -> None:
    del alert
    menu, tokens = await more(phone, store, book)
    said = toast(await phone.tap(BORIS, TEAM.chat, menu + 1, tokens["4 h"]))
    assert said == "This button belongs to another message. Nothing was done."
    assert await silences(store) == []


async def test_a_story_is_answered_where_it_is_read(
    phone: Phone, alert: Alert, clock: Clock
) -> None:
    del alert
    (page,) = await phone.say(BORIS, "/alert 1")
    number, tokens = phone.session.last_id, buttons(page)
    assert list(tokens) == ["Acknowledge", "Silence 1h"]
    clock.forward(minutes=1)
    calls = await phone.tap(BORIS, BORIS, number, tokens["Acknowledge"])
    shown = sent(calls)
    assert isinstance(shown, EditMessageText)
    assert "Taken by <b>Boris</b>" in str(shown.text)
    assert list(buttons(shown)) == ["Give back", "Silence 1h"]


async def test_the_list_of_silences_ends_each_by_a_tap(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    await phone.say(BORIS, "/silence 1 1h")
    await phone.say(BORIS, "/silence error 4h")
    (page,) = await phone.say(ANN, "/silences")
    number, tokens = phone.session.last_id, buttons(page)
    assert list(tokens) == ["End S1", "End S2"]
    shown = sent(await phone.tap(ANN, ANN, number, tokens["End S1"]))
    assert list(buttons(shown)) == ["End S2"]
    assert "<b>1 silence</b>" in texts([shown])[0]
    assert [one.id for one in await silences(store)] == [2]


async def test_a_long_list_of_silences_turns(phone: Phone, store: SqlStore, alert: Alert) -> None:
    first = Silence(
        id=0,
        check="check_db_growth",
        subject="s",
        severity=alert.severity,
        by_name="Ann",
        why="w" * 200,
        created_at=NOON,
        until=NOON + HOUR,
    )
    for number in range(14):
        one = replace(first, subject=f"s{number}")
        await store.write(lambda tx, one=one: tx.silences.add(one))  # type: ignore[misc]  # a default binds it now
    (page,) = await phone.say(VERA, "/silences 2")
    assert len(texts([page])[0]) < 4096
    assert list(buttons(page))[-2:] == ["◀ Previous", "Next ▶"]
    refused = await phone.tap(VERA, VERA, phone.session.last_id, buttons(page)["End S7"])
    assert "needs a manager" in toast(refused)
