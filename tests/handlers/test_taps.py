"""A tap through a whole dispatcher: who may, where, when, and how often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage

from bot.core import keyboard
from bot.core.book import Book
from bot.core.keyboard import Key
from bot.core.model import Alert, Severity, State, fires
from bot.core.records import Post, PostKind, Run, RunState
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.handlers.telegram import ANN, BORIS, SAM, VERA, Call, Phone, texts

GROWN = {"total_bytes": 5_600_000_000, "warn_bytes": 5_000_000_000}
ACK = [[Key("Acknowledge", Verb.ACKNOWLEDGE)]]
OTHER_CHAT = -100999


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    reading = fires("shop database", Severity.WARNING, **GROWN)
    return await store.write(lambda tx: tx.alerts.add("check_db_growth", reading, NOON))


async def state(store: SqlStore, alert: Alert) -> State:
    found = await store.read(lambda tx: tx.alerts.get(alert.id))
    assert found is not None
    return found.state


def toast(calls: list[Call]) -> AnswerCallbackQuery:
    (call,) = [one for one in calls if isinstance(one, AnswerCallbackQuery)]
    return call


async def recorded(store: SqlStore, verdict: str) -> int:
    since = NOON - timedelta(days=1)
    return await store.read(lambda tx: tx.audit.count(since=since, verdicts=[verdict]))


async def test_a_manager_takes_an_alert_and_the_next_one_hears_who_was_faster(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    card, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id)
    assert card.message_id is not None
    first = toast(await phone.tap(BORIS, TEAM.chat, card.message_id, token))
    second = toast(await phone.tap(ANN, TEAM.chat, card.message_id, token))
    assert (first.text, first.show_alert) == ("Taken. The others see it.", False)
    assert (second.text, second.show_alert) == ("Boris was faster: it is taken.", True)
    assert await state(store, alert) is State.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("who", "chat", "moved", "says", "verdict"),
    [
        pytest.param(SAM, TEAM.chat, 0, "not on this assistant's list", "stranger", id="stranger"),
        pytest.param(VERA, TEAM.chat, 0, "needs a manager", "role_too_low", id="viewer"),
        pytest.param(BORIS, OTHER_CHAT, 0, "not connected", "unknown_chat", id="unknown chat"),
        pytest.param(
            BORIS, ADMINS.chat, 0, "another message", "button_elsewhere", id="another chat of ours"
        ),
        pytest.param(
            BORIS, TEAM.chat, 1, "another message", "button_elsewhere", id="another message"
        ),
    ],
)
async def test_a_tap_that_may_not_act_changes_nothing(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone,
    store: SqlStore,
    alert: Alert,
    who: int,
    chat: int,
    moved: int,
    says: str,
    verdict: str,
) -> None:
    card, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id)
    assert card.message_id is not None
    said = toast(await phone.tap(who, chat, card.message_id + moved, token))
    assert says in str(said.text)
    assert said.show_alert
    assert await state(store, alert) is State.FIRING
    assert await recorded(store, verdict) == 1


@pytest.mark.parametrize(
    "data",
    ["a1:no-such-token", "a1:", "a0:old", "x:y:z", "a1:' OR 1=1 --", "a1:a:b", ":" + "x" * 63],
)
async def test_a_button_we_do_not_know_says_so(phone: Phone, store: SqlStore, data: str) -> None:
    said = toast(await phone.tap(ANN, TEAM.chat, 300, data))
    assert said.text == "This button is no longer known. Send /alerts for what is open."
    assert await recorded(store, "button_unknown") == 1
    stranger = toast(await phone.tap(SAM, TEAM.chat, 300, data))
    assert "list" in str(stranger.text)
    assert await recorded(store, "stranger") == 1


async def test_an_old_button_gets_fresh_ones(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    card, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id, wanted=1)
    assert card.message_id is not None
    clock.forward(days=2, seconds=1)
    said = toast(await phone.tap(BORIS, TEAM.chat, card.message_id, token))
    assert "too old" in str(said.text)
    post = await store.read(lambda tx: tx.posts.get(card.id))
    assert post is not None
    assert post.wanted > post.shown


async def test_a_message_telegram_no_longer_shows_us_can_still_be_tapped(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    card, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id)
    chat = {"id": TEAM.chat, "type": "supergroup", "title": "A group"}
    gone = {"message_id": card.message_id, "chat": chat, "date": 0}
    toast(await phone.tap(BORIS, TEAM.chat, 0, token, message=gone))
    assert await state(store, alert) is State.ACKNOWLEDGED


async def test_a_tap_on_no_message_at_all_acts_on_nothing(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    _, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id)
    said = await phone.tap(BORIS, TEAM.chat, 0, token, message=None, inline_message_id="i")
    assert "no longer known" in str(toast(said).text)
    assert await state(store, alert) is State.FIRING


async def test_a_toast_that_comes_too_late_is_no_trouble(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    card, (token,) = await phone.shown(PostKind.CARD, ACK, alert_id=alert.id)
    assert card.message_id is not None
    late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    phone.session.refusals = [TelegramBadRequest(AnswerCallbackQuery(callback_query_id="1"), late)]
    calls = await phone.tap(BORIS, TEAM.chat, card.message_id, token)
    assert len(calls) == 1
    assert await state(store, alert) is State.ACKNOWLEDGED


async def test_diagnose_is_answered_under_the_card_it_was_asked_on(
    phone: Phone, alert: Alert, book: Book
) -> None:
    keys = keyboard.of_alert(alert, book.runbook(alert.check), [], busy=False)
    labels = [key.label for row in keys for key in row]
    card, tokens = await phone.shown(PostKind.CARD, keys, alert_id=alert.id)
    assert card.message_id is not None
    calls = await phone.tap(
        VERA, TEAM.chat, card.message_id, tokens[labels.index("Diagnose")], id="diagnose"
    )
    (answer,) = [call for call in calls if isinstance(call, SendMessage)]
    assert toast(calls).text == "Looking…"
    assert answer.chat_id == TEAM.chat
    assert answer.reply_parameters is not None
    assert answer.reply_parameters.message_id == card.message_id
    assert answer.text.startswith("<b>Database</b> shop.db")


async def test_runbook_on_a_card_opens_its_page(phone: Phone, alert: Alert, book: Book) -> None:
    keys = keyboard.of_alert(alert, book.runbook(alert.check), [], busy=False)
    labels = [key.label for row in keys for key in row]
    card, tokens = await phone.shown(PostKind.CARD, keys, alert_id=alert.id)
    assert card.message_id is not None
    calls = await phone.tap(VERA, TEAM.chat, card.message_id, tokens[labels.index("Runbook")])
    assert any(text.startswith("<b>Runbook 5 · Database growth</b>") for text in texts(calls))
    assert not any(isinstance(call, EditMessageText) for call in calls)


async def asked(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> tuple[Post, list[str]]:
    """A remediation that Boris asked for and that waits for his second tap."""
    run = Run(
        id=0,
        key="tap:1",
        action="remediate_vacuum_db",
        target="shop database",
        state=RunState.PROPOSED,
        asked_at=clock(),
        asked_by=BORIS,
        asked_name="Boris",
        alert_id=alert.id,
        expires_at=clock() + timedelta(seconds=60),
    )
    made = await store.write(lambda tx: tx.runs.add(run))
    assert made is not None
    yes = Key("Yes: Run VACUUM", Verb.CONFIRM, str(made.id))
    no = Key("Cancel", Verb.CANCEL, str(made.id))
    return await phone.shown(PostKind.RUN, [[yes, no]], run_id=made.id)


async def run_state(store: SqlStore, post: Post) -> RunState:
    run = await store.read(lambda tx: tx.runs.get(post.run_id or 0))
    assert run is not None
    return run.state


async def test_only_the_one_who_asked_confirms_and_only_once(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    post, (yes, _) = await asked(phone, store, alert, clock)
    assert post.message_id is not None
    other = toast(await phone.tap(ANN, TEAM.chat, post.message_id, yes))
    assert "Only the one who asked" in str(other.text)
    assert await run_state(store, post) is RunState.PROPOSED
    first = toast(await phone.tap(BORIS, TEAM.chat, post.message_id, yes))
    second = toast(await phone.tap(BORIS, TEAM.chat, post.message_id, yes))
    assert first.text == "Run VACUUM: started."
    assert second.text == "This was decided already."
    assert await run_state(store, post) is RunState.REQUESTED


async def test_a_confirmation_after_a_minute_is_too_late(
    phone: Phone, store: SqlStore, alert: Alert, clock: Clock
) -> None:
    post, (yes, _) = await asked(phone, store, alert, clock)
    assert post.message_id is not None
    clock.forward(seconds=61)
    said = toast(await phone.tap(BORIS, TEAM.chat, post.message_id, yes))
    assert "Too late" in str(said.text)
    assert await run_state(store, post) is RunState.EXPIRED


async def test_a_repair_of_an_alert_that_healed_meanwhile_is_not_started(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    keys = [[Key("Run VACUUM", Verb.DO, "remediate_vacuum_db")]]
    card, (token,) = await phone.shown(PostKind.CARD, keys, alert_id=alert.id)
    assert card.message_id is not None
    healed = replace(alert, state=State.RESOLVED, resolved_at=NOON)
    await store.write(lambda tx: tx.alerts.save(healed))
    said = toast(await phone.tap(BORIS, TEAM.chat, card.message_id, token))
    assert said.text == "This alert is over; there is nothing to do."
    assert not await store.read(lambda tx: tx.runs.of_alert(alert.id))
