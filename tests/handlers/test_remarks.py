"""Replies to cards are kept as notes; all other talk is left alone."""

from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SetMessageReaction

from bot.core.keyboard import Key
from bot.core.model import Alert, Severity, fires
from bot.core.records import Post, PostKind, PostState, Run, RunState
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, NOON, TEAM
from tests.handlers.telegram import ANN, BORIS, ME, SAM, VERA, Phone, texts, user

KEYS = [[Key("Acknowledge", Verb.ACKNOWLEDGE)]]


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    reading = fires("shop database", Severity.WARNING)
    return await store.write(lambda tx: tx.alerts.add("check_db_growth", reading, NOON))


@pytest.fixture
async def card(phone: Phone, alert: Alert) -> Post:
    post, _ = await phone.shown(PostKind.CARD, KEYS, alert_id=alert.id)
    return post


def to(number: int | None, author: object = None, chat: int = TEAM.chat) -> dict[str, object]:
    group = {"id": chat, "type": "supergroup", "title": "A group"}
    quoted = {"message_id": number, "date": 1, "chat": group, "text": "…", "from": author or ME}
    return {"reply_to_message": quoted}


async def notes(store: SqlStore) -> list[tuple[str, object]]:
    rows = await store.read(lambda tx: tx.alerts.history(1))
    return [(row.who, row.values["text"]) for row in rows if row.event == "note"]


async def test_a_reply_to_a_card_is_kept_and_nodded_to(
    phone: Phone, store: SqlStore, card: Post
) -> None:
    (nod,) = await phone.say(BORIS, "restarted it", TEAM.chat, fields=to(card.message_id))
    assert isinstance(nod, SetMessageReaction)
    assert texts([nod]) == ["👌"]
    assert await notes(store) == [("Boris", "restarted it")]


async def test_where_reactions_are_not_allowed_a_sentence_says_it(
    phone: Phone, store: SqlStore, card: Post
) -> None:
    no = TelegramBadRequest(
        SetMessageReaction(chat_id=1, message_id=1), "Bad Request: REACTION_INVALID"
    )
    phone.session.refusals = [no]
    calls = await phone.say(ANN, "done", TEAM.chat, fields=to(card.message_id))
    assert texts(calls)[-1] == "Kept in its story."
    assert len(await notes(store)) == 1


async def test_the_same_update_twice_is_one_note_and_an_old_one_counts(
    phone: Phone, store: SqlStore, card: Post
) -> None:
    for _ in range(2):
        fields = {**to(card.message_id), "message_id": 900}
        await phone.say(ANN, "typed while it was down", TEAM.chat, fields=fields, ago=HOURS)
    assert len(await notes(store)) == 1


HOURS = timedelta(hours=5)


@pytest.mark.parametrize(
    ("who", "chat", "more"),
    [
        pytest.param(SAM, TEAM.chat, {}, id="stranger"),
        pytest.param(VERA, TEAM.chat, {}, id="viewer"),
        pytest.param(BORIS, -100999, {}, id="unknown chat"),
        pytest.param(BORIS, ADMINS.chat, {}, id="another chat's message of that number"),
        pytest.param(
            BORIS,
            TEAM.chat,
            {"forward_origin": {"type": "user", "sender_user": user(SAM), "date": 1}},
            id="forwarded",
        ),
        pytest.param(
            BORIS, TEAM.chat, {"sender_chat": {"id": -5, "type": "channel", "title": "x"}}, id="ch"
        ),
        pytest.param(BORIS, TEAM.chat, {"via_bot": user(5) | {"is_bot": True}}, id="via a bot"),
        pytest.param(BORIS, TEAM.chat, {"text": None, "sticker": None}, id="no words"),
    ],
)
async def test_what_is_not_kept_is_left_alone(  # noqa: PLR0913, PLR0917  # a table
    phone: Phone, store: SqlStore, card: Post, who: int, chat: int, more: dict[str, object]
) -> None:
    fields = {**to(card.message_id, chat=chat), **more}
    assert await phone.say(who, "hello", chat, fields=fields) == []
    assert await notes(store) == []


async def test_a_reply_to_a_person_or_to_another_bot_is_not_ours(
    phone: Phone, store: SqlStore, card: Post
) -> None:
    for author in (user(ANN), {**ME, "id": 43}):
        fields = to(card.message_id, author)
        assert await phone.say(BORIS, "hello", TEAM.chat, fields=fields) == []
    assert await notes(store) == []


async def test_a_command_in_a_reply_is_a_command(
    phone: Phone, store: SqlStore, card: Post
) -> None:
    (said,) = texts(await phone.say(BORIS, "/whoami", TEAM.chat, fields=to(card.message_id)))
    assert said.startswith("<b>Boris</b>")
    assert await notes(store) == []


async def test_a_reply_to_a_notice_or_to_a_repair_is_about_its_alert(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    notice, _ = await phone.shown(PostKind.NOTICE, KEYS, alert_id=alert.id)
    await phone.say(ANN, "one", TEAM.chat, fields=to(notice.message_id))
    run = Run(
        id=0,
        key="k",
        action="remediate_vacuum_db",
        target="shop database",
        state=RunState.SUCCEEDED,
        asked_at=NOON,
        asked_name="Ann",
        alert_id=alert.id,
    )
    made = await store.write(lambda tx: tx.runs.add(run))
    assert made is not None
    post, _ = await phone.shown(PostKind.RUN, KEYS, run_id=made.id)
    await phone.say(ANN, "two", TEAM.chat, fields=to(post.message_id))
    assert await notes(store) == [("Ann", "one"), ("Ann", "two")]


async def test_a_reply_to_a_message_about_many_alerts_asks_which(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    post = Post(
        id=0,
        kind=PostKind.STORM,
        chat_id=TEAM.chat,
        message_id=700,
        state=PostState.SHOWN,
        created_at=NOON,
    )
    made = await store.write(lambda tx: tx.posts.add(post))
    assert made is not None
    await store.write(lambda tx: tx.posts.join(made.id, alert.id))
    (said,) = texts(await phone.say(ANN, "on it", TEAM.chat, fields=to(700)))
    assert said.startswith("This message is about several alerts.")
    assert await notes(store) == []


async def test_in_private_words_that_are_no_note_get_the_usual_sentence(phone: Phone) -> None:
    (said,) = texts(await phone.say(ANN, "hello", fields=to(5, chat=ANN)))
    assert said.startswith("I understand commands only.")
