"""Knocks at chats that were given up: rights given back to everybody are told to nobody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramMigrateToChat

from bot.core import reach
from bot.core.policy import Policy
from bot.core.ports import Store
from bot.edges.telegram.api import Moved

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Knocker:
    bot: Bot
    store: Store
    policy: Policy
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> None:
        while True:
            await self.knock()
            await self.sleep(EVERY)

    async def knock(self) -> None:
        """Ask each closed chat whether it takes anything; show one that does what is open."""
        for chat_id in await self.store.read(lambda tx: list(tx.posts.broken())):
            answer = await self._ask(chat_id)
            if isinstance(answer, Moved):
                await self._follow(chat_id, answer.chat_id)
            elif answer:
                await self._mend(chat_id)

    async def _follow(self, old: int, new: int) -> None:
        """It became a supergroup while it was closed: nobody was told the new number."""
        await self.store.write(lambda tx: tx.posts.chat_moved(old, new))
        if await self._ask(new) is True:
            await self._mend(new)

    async def _mend(self, chat_id: int) -> None:
        now = self.clock()
        await self.store.write(lambda tx: reach.mended(tx, self.policy, chat_id, now))
        log.info("a chat takes messages again", extra={"chat": chat_id})

    async def _ask(self, chat_id: int) -> bool | Moved:
        try:
            # A bot is refused "typing …" where it may not write (tdlib, DialogActionManager.cpp).
            return await self.bot.send_chat_action(chat_id, ChatAction.TYPING)
        except TelegramMigrateToChat as error:
            return Moved(error.migrate_to_chat_id)
        except (TelegramAPIError, ClientDecodeError):
            return False
