"""A runbook's page in the chat: opened from a card, its buttons pressed, by whom they may be."""

from dataclasses import replace

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.core import keyboard
from bot.core.book import Book
from bot.core.keyboard import Key
from bot.core.model import Alert, Severity, State, fires
from bot.core.records import PostKind, Run, RunState
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.handlers.alerts import now_is, opened, recorded
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Call, Phone, buttons, texts
from tests.questions.scene import POOR


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


async def runs(store: SqlStore) -> list[Run]:
    return list(await store.read(lambda tx: tx.runs.in_state(*RunState)))


async def page(
    phone: Phone, who: int = BORIS, asked: str = "/runbook 5 steps", chat: int = TEAM.chat
) -> Call:
    [call] = await phone.say(who, asked, chat)
    return call


async def tap(  # noqa: PLR0913, PLR0917  # whose finger, where, on what
    phone: Phone, who: int, message: int, on: Call, label: str, chat: int = TEAM.chat
) -> list[Call]:
    return await phone.tap(who, chat, message, buttons(on)[label])


async def test_from_the_card_to_the_steps_of_its_alert(
    phone: Phone, store: SqlStore, alert: Alert, book: Book
) -> None:
    keys = keyboard.of_alert(alert, book.runbook(alert.check), [], busy=False)
    at = [key.label for row in keys for key in row].index("Runbook")
    card, tokens = await phone.shown(PostKind.CARD, keys, alert_id=alert.id)
    calls = await phone.tap(BORIS, TEAM.chat, card.message_id or 0, tokens[at])
    [signs] = [call for call in calls if isinstance(call, SendMessage)]
    assert "<b>#1</b> The database is" in texts([signs])[0]
    message = phone.session.last_id
    [steps] = [
        call
        for call in await tap(phone, BORIS, message, signs, "Steps")
        if isinstance(call, EditMessageText)
    ]
    assert steps.message_id == message
    assert "Done: 0 of 4 steps" in texts([steps])[0]
    calls = await tap(phone, BORIS, message, steps, "1 · Run VACUUM")
    [run] = await runs(store)
    assert (run.action, run.alert_id, run.state, run.asked_by) == (
        "remediate_vacuum_db",
        alert.id,
        RunState.ASKED,
        BORIS,
    )
    assert texts(calls)[0] == "Run VACUUM: looking whether it can run. Confirm below."
    [anew] = [call for call in calls if isinstance(call, EditMessageText)]
    assert "⏸ Run VACUUM: waits for a yes, asked for by Boris, 15:00" in texts([anew])[0]
    assert "1 · Run VACUUM" not in buttons(anew)
    assert (await now_is(store)).responded_at is not None


async def test_a_question_is_answered_beside_the_page_and_ticks_it(
    phone: Phone, alert: Alert
) -> None:
    assert alert.id == 1
    shown = await page(phone, asked="/runbook 5 diagnosis")
    message = phone.session.last_id
    calls = await tap(phone, VERA, message, shown, "Diagnose")
    assert not any(isinstance(call, EditMessageText) for call in calls)
    [answer] = [call for call in calls if isinstance(call, SendMessage)]
    assert answer.text.startswith("<b>Database</b> shop.db")
    assert answer.reply_parameters is not None
    assert answer.reply_parameters.message_id == message
    _, anew = await tap(phone, BORIS, message, shown, "↻ Diagnosis")
    assert "✅ Vera looked, 15:00" in texts([anew])[0]


async def test_what_was_asked_on_the_card_is_ticked_too(
    phone: Phone, alert: Alert, book: Book
) -> None:
    keys = keyboard.of_alert(alert, book.runbook(alert.check), [], busy=False)
    at = [key.label for row in keys for key in row].index("Diagnose")
    card, tokens = await phone.shown(PostKind.CARD, keys, alert_id=alert.id)
    _, answer = await phone.tap(VERA, TEAM.chat, card.message_id or 0, tokens[at])
    assert texts([answer])[0].startswith("<b>Database</b> shop.db")
    shown = await page(phone, asked="/runbook 5 diagnosis")
    assert "✅ Vera looked, 15:00" in texts([shown])[0]


@pytest.mark.parametrize(
    ("who", "verdict"), [pytest.param(SAM, "stranger"), pytest.param(VERA, "role_too_low")]
)
async def test_a_managers_page_begins_nothing_for_others(
    phone: Phone, store: SqlStore, alert: Alert, who: int, verdict: str
) -> None:
    assert alert.id == 1
    shown = await page(phone)
    await tap(phone, who, phone.session.last_id, shown, "1 · Run VACUUM")
    assert await runs(store) == []
    assert await recorded(store, verdict) == 1


async def test_a_manager_is_refused_what_an_admin_s_page_offers(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    assert alert.id == 1
    assert "2 · Archive" not in buttons(await page(phone))
    shown = await page(phone, BORIS, chat=ADMINS.chat)
    said = await tap(phone, BORIS, phone.session.last_id, shown, "2 · Archive", ADMINS.chat)
    assert "Your role is manager; this needs an admin." in texts(said)
    assert await runs(store) == []


async def test_a_viewer_who_turns_a_group_s_page_takes_no_buttons_from_its_managers(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    shown = await page(phone)
    message = phone.session.last_id
    for label in ("Signs", "Steps"):
        calls = await tap(phone, VERA, message, shown, label)
        [shown] = [call for call in calls if isinstance(call, EditMessageText)]
    await tap(phone, BORIS, message, shown, "1 · Run VACUUM")
    assert [(run.asked_by, run.alert_id) for run in await runs(store)] == [(BORIS, alert.id)]


async def test_an_alert_that_is_over_meanwhile_begins_nothing(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    shown = await page(phone)
    over = replace(alert, state=State.RESOLVED, resolved_at=clock())
    await store.write(lambda tx: tx.alerts.save(over))
    said = texts(await tap(phone, BORIS, phone.session.last_id, shown, "1 · Run VACUUM"))
    assert said[0] == "This alert is over; there is nothing to do."
    assert "✅ <b>#1 is over</b>" in said[1]
    assert await runs(store) == []


async def test_old_buttons_of_a_page_begin_nothing_and_those_of_old_cards_still_open_it(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    shown = await page(phone)
    message = phone.session.last_id
    older = [[Key("Runbook", Verb.ASK, "runbook 5")]]  # of the release before this one
    card, [token] = await phone.shown(PostKind.CARD, older, alert_id=alert.id)
    calls = await phone.tap(VERA, TEAM.chat, card.message_id or 0, token)
    assert any(text.startswith("<b>Runbook 5 · Database growth</b>") for text in texts(calls))
    clock.forward(days=3)
    [said] = texts(await tap(phone, BORIS, message, shown, "1 · Run VACUUM"))
    assert "too old" in said
    assert await runs(store) == []


async def test_what_only_people_can_do_goes_onto_the_checklist_and_is_ticked(
    phone: Phone, store: SqlStore
) -> None:
    poor = fires("cash balance", Severity.CRITICAL, **POOR)
    alert = await store.write(lambda tx: tx.alerts.add("check_cash_balance_threshold", poor, NOON))
    shown = await page(phone, asked="/runbook 3 steps")
    message = phone.session.last_id
    own = await page(phone, VERA, "/runbook 3 steps", VERA)
    assert [one for one in buttons(own) if "Pause orders" in one] == []
    refused = await tap(phone, VERA, message, shown, "4a · Pause orders")
    assert texts(refused) == ["Your role is viewer; this needs a manager."]
    _, anew = await tap(phone, BORIS, message, shown, "4a · Pause orders")
    assert "📋 T1, due 17:00: nobody has it" in texts([anew])[0]
    [item] = await store.read(lambda tx: list(tx.todos.of_alert(alert.id)))
    assert (item.step, item.created_by) == ("pause_orders", "Boris")
    _, anew = await tap(phone, ANN, message, anew, "4a · Done T1")
    assert "✅ Ann, 15:00" in texts([anew])[0]
    assert not [label for label in buttons(anew) if label.startswith("4a")]


async def test_without_an_alert_the_action_is_nobodys(phone: Phone, store: SqlStore) -> None:
    shown = await page(phone)
    calls = await tap(phone, BORIS, phone.session.last_id, shown, "1 · Run VACUUM")
    [run] = await runs(store)
    assert run.alert_id is None
    assert not any(isinstance(call, EditMessageText) for call in calls)
