"""Who gets in: decided for every message and tap before any handler sees it."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject, User

from bot.core.access import Access
from bot.core.desk import Desk
from bot.core.model import Person
from bot.core.question import Command
from handlers.answering import Answering
from handlers.place import place_of
from handlers.screening import Typed, display_name, objection, remark, typed

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[object]]

HOUR = timedelta(hours=1)
IN_GROUPS, IN_PRIVATE = 1, 10  # refusals a stranger gets in an hour
MOST_STRANGERS = 10_000  # remembered at a time


@dataclass(slots=True)
class Patience:
    """How many more refusals a stranger is told; all of them are recorded."""

    _told: dict[int, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def allows(self, user_id: int, most: int, now: datetime) -> bool:
        if len(self._told) > MOST_STRANGERS:
            self._told.clear()
        times = self._told[user_id]
        while times and now - times[0] >= HOUR:
            times.popleft()
        if len(times) >= most:
            return False
        times.append(now)
        return True


class TapAdmission(BaseMiddleware):
    """Names the person; the desk decides about taps, in the transaction of the tap itself."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401  # aiogram's own signature
        assert isinstance(event, CallbackQuery)  # noqa: S101  # where it is registered
        return await handler(event, {**data, "person": person(self._access, event.from_user)})


class MessageAdmission(BaseMiddleware):
    """Lets through commands that a known person has typed here, now, with their own hands."""

    def __init__(
        self,
        *,
        access: Access,
        desk: Desk,
        commands: Mapping[str, Command],
        answering: Answering,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._desk = desk
        self._commands = commands
        self._answering = answering
        self._clock = clock
        self._patience = Patience()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:  # noqa: ANN401  # aiogram's own signature
        assert isinstance(event, Message)  # noqa: S101  # where it is registered
        if event.migrate_to_chat_id is not None:
            return await handler(event, data)  # Telegram's own word; nobody can type it
        if event.from_user is None or (event.from_user.is_bot and event.sender_chat is None):
            return None
        bot: Bot = data["bot"]
        me = await bot.me()
        who = person(self._access, event.from_user)
        reply = remark(event, me=me.id)
        if reply is not None and who.role is not None:
            # The desk sees to the chat and the role in the transaction that keeps it.
            return await handler(event, {**data, "person": who, "remark": reply})
        command = typed(event, me=me.username or "", known=self._commands)
        if command is None:
            return None
        data |= {"person": who, "typed": command}
        did = f"/{command.name}" if command.name else "message"
        why = objection(event, self._clock()) if command.name else None
        if why is not None:
            await self._desk.record(who, event.chat.id, did, why)
        else:
            why = await self._desk.admit(who, event.chat.id, did)
            if why is None or (self._is_open(command) and self._told(event, who)):
                return await handler(event, data)
        if self._told(event, who):
            self._answering.say(why, place_of(event))
        return None

    def _is_open(self, command: Typed) -> bool:
        """A few commands only say who you are and whom to ask."""
        found = self._commands.get(command.name)
        return found is not None and found.stranger

    def _told(self, message: Message, who: Person) -> bool:
        """Whether this person gets one more answer here."""
        if who.role is not None:
            return True
        private = message.chat.type == ChatType.PRIVATE
        return self._patience.allows(who.id, IN_PRIVATE if private else IN_GROUPS, self._clock())


def person(access: Access, user: User) -> Person:
    return Person(id=user.id, name=display_name(user), role=access.role(user.id))
