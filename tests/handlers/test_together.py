"""Taps that come in one answer of Telegram's: as if they had come one after the other."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from aiogram import Bot
from aiogram.methods import AnswerCallbackQuery, GetUpdates, TelegramMethod
from aiogram.types import Update

from bot.core import desk_verbs
from bot.core.keyboard import Key
from bot.core.model import Alert
from bot.core.press import Hand, Said
from bot.core.records import PostKind
from bot.core.verbs import Verb
from bot.edges.store import SqlStore
from bot.edges.telegram.updates import Updates
from tests.conftest import TEAM
from tests.handlers.alerts import history, opened
from tests.handlers.telegram import ANN, BORIS, Phone, RecordingSession, user

T = TypeVar("T")
KEYS = [
    [Key("Acknowledge", Verb.ACKNOWLEDGE)],
    [Key("Give back", Verb.GIVE_BACK), Key("Silence 1h", Verb.SILENCE)],
]


class Queue(RecordingSession):
    """A Telegram with updates in its queue, as long as they are not confirmed."""

    def __init__(self, pending: Sequence[dict[str, object]], stop: asyncio.Event) -> None:
        super().__init__()
        self.pending = list(pending)
        self.stop = stop

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[T],
        timeout: int | None = None,  # noqa: ASYNC109  # aiogram's signature
    ) -> T:
        if not isinstance(method, GetUpdates):
            return await super().make_request(bot, method, timeout)
        self.pending = [one for one in self.pending if _number(one) >= (method.offset or 0)]
        if not self.pending:
            self.stop.set()
        found: Any = [Update.model_validate(one, context={"bot": bot}) for one in self.pending]
        return found  # type: ignore[no-any-return]  # what this method returns


def _number(update: dict[str, object]) -> int:
    return int(str(update["update_id"]))


def tap(number: int, who: int, token: str, message_id: int) -> dict[str, object]:
    chat = {"id": TEAM.chat, "type": "supergroup", "title": "A group"}
    message = {"message_id": message_id, "date": 1, "chat": chat}
    query = {"id": f"q{number}", "from": user(who), "chat_instance": "1", "message": message}
    return {"update_id": number, "callback_query": query | {"data": f"a1:{token}"}}


async def come(phone: Phone, updates: Sequence[dict[str, object]]) -> list[str]:
    """Toasts that these updates get, in the order they were sent."""
    stop = asyncio.Event()
    phone.session = session = Queue(updates, stop)
    phone.bot.session = session

    async def handle(update: Update) -> None:
        await phone.dispatcher.feed_update(phone.bot, update)

    await Updates(bot=phone.bot, handle=handle, kinds=["callback_query"], stop=stop).run()
    await phone.tasks.done()
    return [str(one.text) for one in session.calls if isinstance(one, AnswerCallbackQuery)]


@pytest.fixture
async def alert(store: SqlStore) -> Alert:
    return await store.write(opened)


async def card(phone: Phone, alert: Alert) -> tuple[int, list[str]]:
    post, tokens = await phone.shown(PostKind.CARD, KEYS, alert_id=alert.id)
    assert post.message_id is not None
    return post.message_id, tokens


async def test_the_first_of_two_people_is_the_faster_one(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    number, (take, back, _) = await card(phone, alert)
    said = await come(
        phone,
        [
            tap(1, BORIS, take, number),
            tap(2, ANN, take, number),
            tap(3, BORIS, back, number),
            tap(4, ANN, take, number),
        ],
    )
    assert said == [
        "Taken. The others see it.",
        "Boris was faster: it is taken.",
        "Given back: nobody has it, its clocks start anew.",
        "Taken. The others see it.",
    ]
    events = [(one.event, one.who) for one in await history(store) if one.who]
    assert events == [("acknowledged", "Boris"), ("given_back", "Boris"), ("acknowledged", "Ann")]


async def test_one_tap_that_breaks_is_told_so_and_the_others_count(
    phone: Phone, store: SqlStore, alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(hand: Hand, alert: Alert) -> Said:
        hand.note(alert, "given_back")
        raise ValueError("oops")

    verbs = {**desk_verbs.ALERT_VERBS, Verb.GIVE_BACK: broken}
    monkeypatch.setattr(desk_verbs, "ALERT_VERBS", verbs)
    number, (take, back, silence) = await card(phone, alert)
    taps = [(BORIS, take), (ANN, back), (ANN, silence)]
    said = await come(phone, [tap(n, who, what, number) for n, (who, what) in enumerate(taps, 1)])
    assert {text.split(" ", 1)[0] for text in said} == {"Taken.", "Something", "Silenced"}
    events = [one.event for one in await history(store)]
    assert "acknowledged" in events
    assert "silenced" in events
    assert "given_back" not in events


async def test_taps_that_come_again_are_the_same_decisions(
    phone: Phone, store: SqlStore, alert: Alert
) -> None:
    number, (take, *_) = await card(phone, alert)
    taps = [tap(1, BORIS, take, number), tap(2, ANN, take, number)]
    await come(phone, taps)
    again = await come(phone, taps)  # as after a kill between the commit and the confirmation
    assert again == ["You have it already.", "Boris was faster: it is taken."]
    assert [one.event for one in await history(store)].count("acknowledged") == 1
