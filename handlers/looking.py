"""Questions that take long: they say so, and their asker can call them off."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from aiogram import Bot

from bot.core import answers
from bot.core.keyboard import Key, Keys
from bot.core.model import Person, Phrase, phrase
from bot.core.ports import Store
from bot.core.records import Post
from bot.core.verbs import Verb
from bot.edges.telegram.keyboards import markup
from bot.edges.templates import Templates
from handlers.sending import Sender, Target

log = logging.getLogger(__name__)

# Seconds after which a person wonders whether anything happens. More than a lock of the shop is
# waited for (`busy_seconds`): a locked database is answered without this message before it.
PATIENCE = 2.0
LOOKING, STOPPED = phrase("looking_long"), phrase("looking_stopped")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked; `again` is what a button would ask to have it once more, if one can.

    `says` is said while it takes long, `stopped` where nobody waits any more.
    """

    who: Person
    again: str = ""
    says: Phrase = LOOKING
    stopped: Phrase = STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The message that said "Looking…": its post, and where it is."""

    post: Post
    target: Target

    @property
    def message_id(self) -> int | None:
        return self.target.reply_to


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What came of it; `look` is the message to put away or to put it into."""

    outcome: T | Phrase
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    store: Store
    sender: Sender
    templates: Templates
    clock: Callable[[], datetime]
    patience: float = PATIENCE
    # Weak: whoever waits holds them, and an answer must not stay after it is read.
    _reading: WeakValueDictionary[int, asyncio.Task[Any]] = field(
        default_factory=WeakValueDictionary
    )

    async def wait(
        self, bot: Bot, target: Target, asked: Asked, read: Callable[[], Awaitable[T]]
    ) -> Found[T]:
        """Read; after a moment say that it takes longer, with a button that stops it.

        A stopped reading has truly ended: the statement in the database too.
        """
        look = None
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(_awaited(read))
            await asyncio.wait([reading], timeout=self.patience)
            if not reading.done():
                look = await self._say_so(bot, target, asked, reading)
                await asyncio.wait([reading])
        if reading.cancelled():
            return Found(asked.stopped, look)
        return Found(reading.result(), look)

    def stop(self, post_id: int) -> bool:
        """End what this message says is being looked up; false: nothing is."""
        reading = self._reading.get(post_id)
        return reading is not None and reading.cancel()

    async def tell(self, bot: Bot, look: Look, text: Phrase, keys: Keys) -> None:
        """Let the message say how it ended."""
        now = self.clock()
        buttons = await self.store.write(lambda tx: markup(tx, look.post.id, keys, now))
        await self.sender.text(
            bot, look.target, self.templates.say(text), markup=buttons, message_id=look.message_id
        )

    async def put_away(self, bot: Bot, look: Look) -> None:
        """Take the message away: the answer is elsewhere."""
        if look.message_id is None or not await self.sender.delete(
            bot, look.target.chat_id, look.message_id
        ):
            await self.tell(bot, look, phrase("looking_done"), [])

    async def _say_so(
        self, bot: Bot, target: Target, asked: Asked, reading: asyncio.Task[Any]
    ) -> Look | None:
        now = self.clock()
        post = await self.store.write(
            lambda tx: answers.reserve(
                tx, chat_id=target.chat_id, topic_id=target.topic_id, now=now
            )
        )
        self._reading[post.id] = reading
        keys = [[Key("Cancel", Verb.LEAVE)]]
        buttons = await self.store.write(
            lambda tx: markup(tx, post.id, keys, now, only_user=asked.who.id)
        )
        text = self.templates.say(asked.says)
        sent = await self.sender.text(bot, target, text, markup=buttons)
        number = sent.reply_to if sent else None
        if sent is None or number is None:
            await self.store.write(lambda tx: answers.lost(tx, post.id, "not sent"))
            return None
        await self.store.write(
            lambda tx: answers.shown(tx, post.id, chat_id=sent.chat_id, message_id=number)
        )
        return Look(post=post, target=sent)


async def _awaited(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
