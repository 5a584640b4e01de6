"""A Telegram that says yes and remembers, and a phone to speak into it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    GetMe,
    SendDocument,
    SendMessage,
    SendPhoto,
    SetMessageReaction,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardMarkup, Message, Update

from bot.core.keyboard import Keys
from bot.core.records import Post, PostKind, PostState
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.telegram.keyboards import markup
from tests.conftest import TEAM, Clock

T = TypeVar("T")
Call = TelegramMethod[Any]
ME = {"id": 42, "is_bot": True, "first_name": "SoVAni Ops", "username": "ops_bot"}

ANN, BORIS, VERA, SAM = 1001, 1002, 1003, 1999
NAMES = {ANN: "Ann", BORIS: "Boris", VERA: "Vera", SAM: "Sam"}


class RecordingSession(BaseSession):
    """Answers as Telegram would; `refusals` are raised first, one a request."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.refusals: list[Exception] = []
        self.last_id = 500

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[T],
        timeout: int | None = None,  # noqa: ASYNC109  # aiogram's signature
    ) -> T:
        del timeout
        if not isinstance(method, GetMe):
            self.calls.append(method)
            if self.refusals:
                raise self.refusals.pop(0)
        return self._answer(bot, method)  # type: ignore[no-any-return]  # by the kind of method

    def _answer(self, bot: Bot, method: Call) -> Any:  # noqa: ANN401  # as many types as methods
        match method:
            case GetMe():
                return method.__returning__.model_validate(ME)
            case SendMessage() | SendPhoto() | SendDocument():
                self.last_id += 1
                number = self.last_id
            case EditMessageText():
                number = method.message_id or 0
            case _:
                return True
        chat = {"id": method.chat_id, "type": "private"}
        values = {"message_id": number, "date": 0, "chat": chat}
        return Message.model_validate(values, context={"bot": bot})

    async def close(self) -> None: ...

    async def stream_content(self, *_: object, **__: object) -> AsyncGenerator[bytes, None]:
        yield b""


class Awaited(Tasks):
    """Background work that a test can wait for."""

    async def done(self) -> None:
        while self._jobs:
            await asyncio.wait(set(self._jobs))


@dataclass(kw_only=True)
class Phone:
    """Everybody's phone: speaks and taps, and returns what the bot sent because of it."""

    dispatcher: Dispatcher
    store: SqlStore
    tasks: Awaited
    clock: Clock
    session: RecordingSession = field(default_factory=RecordingSession)
    updates: int = 0
    bot: Bot = field(init=False)

    def __post_init__(self) -> None:
        self.bot = Bot(
            "42:TEST", session=self.session, default=DefaultBotProperties(parse_mode="HTML")
        )

    async def say(
        self,
        who: int,
        text: str | None,
        chat: int | None = None,
        *,
        ago: timedelta = timedelta(0),
        fields: Mapping[str, object] | None = None,
    ) -> list[Call]:
        """Say something; `fields` are those of Telegram's Message, over the usual ones."""
        return await self.feed(message=self.message(who, text, chat, ago=ago, fields=fields))

    def message(
        self,
        who: int,
        text: str | None,
        chat: int | None = None,
        *,
        ago: timedelta = timedelta(0),
        fields: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        return {
            "message_id": 100 + self.updates,
            "date": _stamp(self.clock() - ago),
            "chat": _chat(chat or who),
            "from": user(who),
            "text": text,
            **(fields or {}),
        }

    async def tap(
        self, who: int, chat: int, message_id: int, token: str, **more: object
    ) -> list[Call]:
        return await self.feed(callback_query=self.press(who, chat, message_id, token, **more))

    def press(
        self, who: int, chat: int, message_id: int, token: str, **more: object
    ) -> dict[str, object]:
        message = {"message_id": message_id, "date": _stamp(self.clock()), "chat": _chat(chat)}
        return {
            "id": f"q{self.updates}",
            "from": user(who),
            "chat_instance": "1",
            "message": message,
            "data": token if ":" in token else f"a1:{token}",
            **more,
        }

    async def feed(self, **update: object) -> list[Call]:
        before = len(self.session.calls)
        await self.begin(**update)
        await self.tasks.done()
        return self.session.calls[before:]

    async def begin(self, **update: object) -> None:
        """Hand an update over; what it started goes on meanwhile."""
        self.updates += 1
        values = {"update_id": self.updates, **update}
        made = Update.model_validate(values, context={"bot": self.bot})
        await self.dispatcher.feed_update(self.bot, made)

    async def until(self, kind: type[Call], count: int = 1) -> Call:
        """Wait for the next request of this kind, beyond those there were."""
        while True:
            found = [call for call in self.session.calls if isinstance(call, kind)]
            if len(found) >= count:
                return found[count - 1]
            await asyncio.sleep(0.001)

    async def shown(
        self, kind: PostKind, keys: Keys, *, chat: int = TEAM.chat, **more: object
    ) -> tuple[Post, list[str]]:
        """Put a message with buttons into a chat; return it and the buttons' tokens in order."""
        now = self.clock()
        number = 300 + self.updates

        def work(tx: Any) -> tuple[Post, list[str]]:  # noqa: ANN401  # the store's transaction
            post = Post(
                id=0,
                kind=kind,
                chat_id=chat,
                message_id=number,
                state=PostState.SHOWN,
                shown=1,
                created_at=now,
                **more,  # type: ignore[arg-type]  # a test's own fields
            )
            made = tx.posts.add(post)
            buttons = markup(tx, made.id, keys, now)
            assert buttons
            return made, [
                str(one.callback_data).removeprefix("a1:")
                for row in buttons.inline_keyboard
                for one in row
            ]

        return await self.store.write(work)


def user(who: int) -> dict[str, object]:
    return {"id": who, "is_bot": False, "first_name": NAMES.get(who, "Somebody")}


def _chat(chat: int) -> dict[str, object]:
    if chat > 0:
        return {"id": chat, "type": "private", "first_name": "Somebody"}
    return {"id": chat, "type": "supergroup", "title": "A group"}


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def texts(calls: Sequence[Call]) -> list[str]:
    """What people read, toasts and captions included."""
    found = []
    for call in calls:
        match call:
            case SendMessage() | EditMessageText():
                found.append(str(call.text))
            case SendPhoto() | SendDocument():
                found.append(call.caption or "")
            case AnswerCallbackQuery():
                found.append(call.text or "")
            case SetMessageReaction():
                found.extend(str(getattr(one, "emoji", "")) for one in call.reaction or ())
            case _:
                assert isinstance(call, SetMyCommands | DeleteMessage), call
    return found


def buttons(call: Call) -> dict[str, str]:
    """Labels and tokens of a message."""
    assert isinstance(call, SendMessage | EditMessageText)
    if call.reply_markup is None:
        return {}
    assert isinstance(call.reply_markup, InlineKeyboardMarkup)
    keys = [key for row in call.reply_markup.inline_keyboard for key in row]
    return {key.text: str(key.callback_data).removeprefix("a1:") for key in keys}
