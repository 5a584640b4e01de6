"""Knocks at chats that were given up: rights given back to everybody are told to nobody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from bot.core import reach
from bot.core.policy import Policy
from bot.core.ports import Store

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
            if await self._open(chat_id):
                now = self.clock()
                await self.store.write(
                    lambda tx, chat=chat_id, at=now: reach.mended(tx, self.policy, chat, at)  # type: ignore[misc]  # bound now
                )
                log.info("a chat takes messages again", extra={"chat": chat_id})

    async def _open(self, chat_id: int) -> bool:
        try:
            # A bot is refused "typing …" where it may not write (tdlib, DialogActionManager.cpp).
            return await self.bot.send_chat_action(chat_id, ChatAction.TYPING)
        except (TelegramAPIError, ClientDecodeError):
            return False
