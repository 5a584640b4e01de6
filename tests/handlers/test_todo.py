"""The checklist by command and button, through the whole product but Telegram."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.core import keyboard
from bot.core.model import Alert, State
from bot.core.records import PostKind
from bot.core.todo import CATALOGUE, Item, ItemState
from bot.edges.store import SqlStore
from tests.checks.shop import Shop
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.handlers.alerts import HOUR, history, now_is, opened, recorded
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Call, Phone, buttons, texts
from tests.handlers.test_remarks import to

PAUSE = CATALOGUE["pause_orders"]
GONE = "There is no step T9. /todo has what is open."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Nobody looks at it here."""
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


async def items(store: SqlStore) -> list[Item]:
    return list(await store.read(lambda tx: tx.todos.newest(9)))[::-1]


async def item(store: SqlStore) -> Item:
    (found,) = await items(store)
    return found


def toast(calls: list[Call]) -> str:
    (call,) = [one for one in calls if isinstance(one, AnswerCallbackQuery)]
    return str(call.text)


def sent(calls: list[Call]) -> SendMessage | EditMessageText:
    (call,) = [one for one in calls if isinstance(one, SendMessage | EditMessageText)]
    return call


async def message(phone: Phone, store: SqlStore, number: int = 1) -> tuple[int, dict[str, str]]:
    """A message of a step as it is now: its number and its buttons."""
    found = await store.read(lambda tx: tx.todos.get(number))
    assert found is not None
    phone.updates += 1
    keys = keyboard.of_item(found)
    post, tokens = await phone.shown(PostKind.TODO, keys, item_id=number)
    labels = [key.label for row in keys for key in row]
    assert post.message_id is not None
    return post.message_id, dict(zip(labels, tokens, strict=True))


async def test_a_typed_step_is_kept_and_its_message_is_the_courier_s(
    phone: Phone, store: SqlStore
) -> None:
    assert await phone.say(BORIS, "/todo 2h call   the bank", TEAM.chat) == []
    found = await item(store)
    assert (found.text, found.due_at, found.owner) == ("call the bank", NOON + 2 * HOUR, None)
    assert (found.chat_id, found.created_by, found.step) == (TEAM.chat, "Boris", None)
    (post,) = await store.read(lambda tx: tx.posts.of_item(1))
    assert (post.kind, post.chat_id, post.silent) == (PostKind.TODO, TEAM.chat, True)
    assert await recorded(store, "done") == 1


async def test_the_same_message_twice_is_one_step(phone: Phone, store: SqlStore) -> None:
    again = phone.message(BORIS, "/todo call the bank")
    for _ in range(2):
        assert await phone.feed(message=again) == []
    assert (await item(store)).due_at == NOON + 24 * HOUR
    assert len(await store.read(lambda tx: tx.posts.of_item(1))) == 1


@pytest.mark.parametrize("said", ["/todo 3d T1", "/todo T1 3D", "/todo t1 2026-11-26"])
async def test_another_time_may_be_said_before_or_after_its_number(
    phone: Phone, store: SqlStore, said: str
) -> None:
    await phone.say(BORIS, "/todo 2h call the bank")
    assert texts(await phone.say(BORIS, said))[0].startswith("Due 26 Nov ")
    assert (await item(store)).due_at > NOON + 60 * HOUR


async def test_words_about_another_step_are_a_step(phone: Phone, store: SqlStore) -> None:
    for text in ("2h call the bank", "T1 failed, call again"):
        await phone.say(BORIS, f"/todo {text}")
    assert [one.text for one in await items(store)] == ["call the bank", "T1 failed, call again"]


async def test_a_step_may_belong_to_an_alert_whose_story_has_it(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    assert await phone.say(BORIS, "/todo 3d #1 order a disk") == []
    assert (await item(store)).alert_id == alert.id
    (entry,) = await history(store)
    assert (entry.who, entry.event, entry.values["item"]) == ("Boris", "todo_added", 1)
    assert texts(await phone.say(BORIS, "/todo #7 order a disk")) == [
        "There is no alert #7. /alerts has what is open, /history what was."
    ]
    assert len(await items(store)) == 1


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/todo 2h", "What is to be done? Usage: /todo [due] [alert] [text]"),
        ("/todo 2026-02-30 x", "Say when: 30m, 2h, 3d, 1w, 18:00, tomorrow or 2026-12-01"),
        ("/todo 2020-01-01 x", "Say when: 30m, 2h, 3d, 1w, 18:00, tomorrow or 2026-12-01"),
        ("/todo T9", GONE),
        ("/todo 3d T9", GONE),
    ],
)
async def test_what_cannot_be_kept_says_why(
    phone: Phone, store: SqlStore, said: str, answer: str
) -> None:
    (text,) = texts(await phone.say(BORIS, said))
    assert text.startswith(answer)
    assert await items(store) == []


async def test_a_viewer_looks_and_adds_nothing(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo 2h call the bank")
    page = sent(await phone.say(VERA, "/todo"))
    assert "call the bank" in str(page.text)
    assert list(buttons(page)) == ["T1…"]
    one = sent(await phone.say(VERA, "/todo 1"))
    assert "call the bank" in str(one.text)
    assert list(buttons(one)) == ["All steps"]
    refused = "Your role is viewer; this needs a manager."
    assert texts(await phone.say(VERA, "/todo 2h rest")) == [refused]
    assert texts(await phone.say(VERA, "/todo 2h T1")) == [refused]
    (only,) = await items(store)
    assert only.due_at == NOON + 2 * HOUR
    assert await recorded(store, "role_too_low") == 2


async def test_a_stranger_gets_nothing(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo call the bank")
    (text,) = texts(await phone.say(SAM, "/todo"))
    assert "bank" not in text
    number, tokens = await message(phone, store)
    assert "not on this assistant's list" in toast(
        await phone.tap(SAM, TEAM.chat, number, tokens["Done"])
    )
    assert (await item(store)).open


async def test_to_look_at_the_list_writes_nothing(phone: Phone, store: SqlStore) -> None:
    assert "Nothing is left to do" in texts(await phone.say(BORIS, "/todo"))[0]
    assert await recorded(store, "done") == 0


async def test_one_takes_it_and_the_others_hear_who(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo 2h call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    assert list(tokens) == ["Take", "Done", "+1 day", "Not needed"]
    said = toast(await phone.tap(BORIS, TEAM.chat, number, tokens["Take"]))
    assert said == "Yours. You are reminded 17:00."
    assert toast(await phone.tap(ANN, TEAM.chat, number, tokens["Take"])) == "Boris has it."
    twice = toast(await phone.tap(BORIS, TEAM.chat, number, tokens["Take"]))
    assert twice == "You have it already."
    found = await item(store)
    assert (found.owner, found.owner_id) == ("Boris", BORIS)
    number, tokens = await message(phone, store)
    assert list(tokens) == ["Give back", "Done", "+1 day", "Not needed"]
    assert toast(await phone.tap(ANN, TEAM.chat, number, tokens["Give back"])) == (
        "Given back: nobody has it."
    )
    assert toast(await phone.tap(ANN, TEAM.chat, number, tokens["Give back"])) == (
        "Nobody has taken it; there is nothing to give back."
    )


async def test_two_taps_at_once_one_has_it(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo 2h call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    before = len(phone.session.calls)
    await asyncio.gather(
        *(
            phone.begin(callback_query=phone.press(who, TEAM.chat, number, tokens["Take"]))
            for who in (BORIS, ANN)
        )
    )
    await phone.tasks.done()
    said = sorted(texts(phone.session.calls[before:]))
    owner = (await item(store)).owner
    assert said == [f"{owner} has it.", "Yours. You are reminded 17:00."]
    assert await recorded(store, "todo_taken") == await recorded(store, "todo_of_another") == 1


@pytest.mark.parametrize(("home", "lives"), [(BORIS, ANN), (ANN, ANN), (TEAM.chat, TEAM.chat)])
async def test_its_owner_is_reminded_where_they_can_see_it(
    phone: Phone, store: SqlStore, home: int, lives: int
) -> None:
    await phone.say(BORIS if home != ANN else ANN, "/todo 2h call the bank", home)
    page = sent(await phone.say(ANN, "/todo"))
    number, tokens = phone.session.last_id, buttons(page)
    await phone.tap(ANN, ANN, number, tokens["Take T1"])
    found = await item(store)
    assert (found.owner, found.chat_id) == ("Ann", lives)


async def test_what_is_done_is_done_once_and_says_by_whom(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    await phone.say(BORIS, "/todo 2h #1 order a disk")
    number, tokens = await message(phone, store)
    assert toast(await phone.tap(BORIS, TEAM.chat, number, tokens["Done"])) == (
        "Done. The others see it."
    )
    for label in ("Done", "Take", "+1 day", "Not needed"):
        said = toast(await phone.tap(ANN, TEAM.chat, number, tokens[label]))
        assert said == "T1 is done: Boris, 15:00."
    found = await item(store)
    assert (found.state, found.ended_by, found.ended_id) == (ItemState.DONE, "Boris", BORIS)
    entries = await history(store)
    assert [(one.event, one.who) for one in entries] == [
        ("todo_added", "Boris"),
        ("todo_done", "Boris"),
    ]
    assert (await now_is(store)).version > alert.version  # its cards show it
    assert await recorded(store, "todo_finished") == 1


async def test_a_day_more_is_one_day_however_often_it_is_tapped(
    phone: Phone, store: SqlStore
) -> None:
    await phone.say(BORIS, "/todo 2h call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    said = toast(await phone.tap(BORIS, TEAM.chat, number, tokens["+1 day"]))
    assert said == "Due 24 Nov 17:00 now."
    for who in (BORIS, ANN):
        again = toast(await phone.tap(who, TEAM.chat, number, tokens["+1 day"]))
        assert again == "It was moved already: due 24 Nov 17:00."
    found = await item(store)
    assert found.due_at == found.remind_at == NOON + 26 * HOUR
    number, tokens = await message(phone, store)
    await phone.tap(ANN, TEAM.chat, number, tokens["+1 day"])
    assert (await item(store)).due_at == NOON + 50 * HOUR
    await phone.say(ANN, "/todo 30m T1")
    assert (await item(store)).due_at == NOON + HOUR / 2


async def test_not_needed_may_be_taken_back(phone: Phone, store: SqlStore, clock: Clock) -> None:
    await phone.say(BORIS, "/todo 2h call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    await phone.tap(BORIS, TEAM.chat, number, tokens["Not needed"])
    assert (await item(store)).state is ItemState.DROPPED
    clock.forward(hours=3)
    number, tokens = await message(phone, store)
    assert list(tokens) == ["Open again"]
    assert toast(await phone.tap(ANN, TEAM.chat, number, tokens["Open again"])) == "Open again."
    found = await item(store)
    assert (found.open, found.ended_by) == (True, None)
    assert found.remind_at == NOON + 26 * HOUR  # it was due while it was closed
    assert toast(await phone.tap(ANN, TEAM.chat, number, tokens["Open again"])) == "It is open."


async def test_a_viewer_an_old_button_and_another_message_change_nothing(
    phone: Phone, store: SqlStore, clock: Clock
) -> None:
    await phone.say(BORIS, "/todo 5d call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    before = await item(store)
    for label in tokens:
        said = toast(await phone.tap(VERA, TEAM.chat, number, tokens[label]))
        assert said == "Your role is viewer; this needs a manager."
    elsewhere = toast(await phone.tap(BORIS, ADMINS.chat, number, tokens["Done"]))
    assert elsewhere == "This button belongs to another message. Nothing was done."
    wanted = [one.wanted for one in await store.read(lambda tx: tx.posts.of_item(1))]
    clock.forward(days=3)
    assert "too old" in toast(await phone.tap(BORIS, TEAM.chat, number, tokens["Done"]))
    assert await item(store) == before
    newer = [one.wanted for one in await store.read(lambda tx: tx.posts.of_item(1))]
    assert newer[-1] == wanted[-1] + 1  # it gets fresh ones


async def test_a_reply_to_its_message_says_why(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo 2h call the bank", TEAM.chat)
    number, tokens = await message(phone, store)
    await phone.tap(BORIS, TEAM.chat, number, tokens["Not needed"])
    reply = to(number)
    said = texts(await phone.say(VERA, "they are closed", TEAM.chat, fields=reply))
    assert (said, (await item(store)).note) == ([], "")  # in a group viewers just talk
    wanted = (await store.read(lambda tx: tx.posts.of_item(1)))[-1].wanted
    assert texts(await phone.say(BORIS, "they are  closed", TEAM.chat, fields=reply)) == ["👌"]
    assert (await item(store)).note == "they are closed"
    assert (await store.read(lambda tx: tx.posts.of_item(1)))[-1].wanted == wanted + 1


async def test_a_reply_to_an_alert_s_step_is_in_its_story_too(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    await phone.say(BORIS, "/todo 2h #1 order a disk", TEAM.chat)
    keys = keyboard.of_item(await item(store))
    post, _ = await phone.shown(PostKind.TODO, keys, item_id=1, alert_id=alert.id)
    await phone.say(BORIS, "sold out", TEAM.chat, fields=to(post.message_id))
    assert (await item(store)).note == "sold out"
    assert [one.event for one in await history(store)] == ["todo_added", "note"]


async def steps(phone: Phone, who: int = BORIS) -> tuple[int, dict[str, str]]:
    page = sent(await phone.say(who, "/steps 3 1", TEAM.chat))
    return phone.session.last_id, buttons(page)


async def test_a_step_of_the_catalogue_is_added_once_for_an_alert(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    number, tokens = await steps(phone)
    assert list(tokens) == [
        "Pause orders",
        "Collect receivables",
        "Defer payments",
        "Payment terms",
        "All steps",
    ]
    calls = await phone.tap(BORIS, TEAM.chat, number, tokens["Pause orders"])
    assert toast(calls) == "On the list as T1, due 17:00."
    shown = sent(calls)
    assert isinstance(shown, EditMessageText)
    assert "Pause orders" not in buttons(shown)
    assert "📋 Pause new orders" in str(shown.text)
    again = toast(await phone.tap(ANN, TEAM.chat, number, tokens["Pause orders"]))
    assert again == "It is on the list already: T1, due 17:00, nobody has it yet."
    found = await item(store)
    assert (found.step, found.alert_id, found.runbook) == ("pause_orders", alert.id, 3)
    assert found.due_at == NOON + PAUSE.due
    assert await recorded(store, "todo_there") == 1


async def test_what_was_done_for_an_alert_is_not_asked_for_again(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    del alert
    page, tokens = await steps(phone)
    await phone.tap(BORIS, TEAM.chat, page, tokens["Pause orders"])
    number, keys = await message(phone, store)
    await phone.tap(ANN, TEAM.chat, number, keys["Done"])
    said = toast(await phone.tap(BORIS, TEAM.chat, page, tokens["Pause orders"]))
    assert said == "T1 is done: Ann, 15:00."
    number, keys = await message(phone, store)
    await phone.tap(ANN, TEAM.chat, number, keys["Open again"])
    number, keys = await message(phone, store)
    await phone.tap(ANN, TEAM.chat, number, keys["Not needed"])
    again = toast(await phone.tap(BORIS, TEAM.chat, page, tokens["Pause orders"]))
    assert again == "On the list as T2, due 17:00."
    number, keys = await message(phone, store)
    clash = toast(await phone.tap(ANN, TEAM.chat, number, keys["Open again"]))
    assert clash.startswith("It is on the list already: T2")


async def test_no_step_is_added_for_an_alert_that_is_over_nor_by_a_viewer(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    page, tokens = await steps(phone, VERA)
    refused = toast(await phone.tap(VERA, TEAM.chat, page, tokens["Pause orders"]))
    assert refused == "Your role is viewer; this needs a manager."
    healed = replace(alert, state=State.RESOLVED, resolved_at=NOON)
    await store.write(lambda tx: tx.alerts.save(healed))
    over = toast(await phone.tap(BORIS, TEAM.chat, page, tokens["Pause orders"]))
    assert over == "This alert is over; there is nothing to do."
    assert await items(store) == []


async def test_without_an_alert_a_step_is_open_once(phone: Phone, store: SqlStore) -> None:
    page = sent(await phone.say(BORIS, "/steps 5", TEAM.chat))
    number, tokens = phone.session.last_id, buttons(page)
    for _ in range(2):
        calls = await phone.tap(BORIS, TEAM.chat, number, tokens["PostgreSQL server"])
    assert toast(calls).startswith("It is on the list already: T1")
    assert (await item(store)).due_at == NOON + timedelta(days=7)


async def test_the_list_answers_where_it_is_read(phone: Phone, store: SqlStore) -> None:
    await phone.say(BORIS, "/todo 2h call the bank")
    await phone.say(BORIS, "/todo 1h pay the rent")
    page = sent(await phone.say(ANN, "/todo"))
    number, tokens = phone.session.last_id, buttons(page)
    assert list(tokens) == ["Take T2", "Done T2", "T2…", "Take T1", "Done T1", "T1…"]
    shown = sent(await phone.tap(ANN, ANN, number, tokens["Done T2"]))
    assert isinstance(shown, EditMessageText)
    assert list(buttons(shown)) == ["Take T1", "Done T1", "T1…"]
    one = sent(await phone.tap(ANN, ANN, number, buttons(shown)["T1…"]))
    assert "⏳ Due 17:00, in 2 h" in str(one.text)
    after = sent(await phone.tap(ANN, ANN, number, buttons(one)["Take"]))
    assert "👤 Ann" in str(after.text)
    assert [found.owner for found in await items(store)] == ["Ann", None]
