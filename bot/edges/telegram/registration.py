"""Telling Telegram which way updates go: one of the two is on, the other is cleaned up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter

from bot.core.webhook import Webhook

log = logging.getLogger(__name__)

MOST_AT_ONCE = 40  # updates that Telegram brings side by side
SHORTEST, LONGEST = 1.0, 30.0  # seconds between two tries; Telegram takes one a second

Sleep = Callable[[float], Coroutine[Any, Any, None]]


async def to_webhook(
    bot: Bot, webhook: Webhook, kinds: Sequence[str], sleep: Sleep = asyncio.sleep
) -> None:
    """Have updates brought. What waits at Telegram comes too."""

    async def ask() -> None:
        await bot.set_webhook(
            webhook.url,
            secret_token=webhook.secret,
            allowed_updates=list(kinds),
            max_connections=MOST_AT_ONCE,
            drop_pending_updates=False,
        )

    await until_done("the webhook is not set, trying again", ask, sleep)
    log.info("Telegram brings updates by webhook")


async def to_polling(bot: Bot, sleep: Sleep = asyncio.sleep) -> None:
    """Take away a webhook of before: with one, asking for updates is refused."""

    async def ask() -> None:
        await bot.delete_webhook(drop_pending_updates=False)

    await until_done("a webhook of before is not taken away, trying again", ask, sleep)


async def until_done(
    trouble: str, ask: Callable[[], Awaitable[None]], sleep: Sleep = asyncio.sleep
) -> None:
    """Ask as long as it takes, ever more rarely, and never before Telegram wants to be asked."""
    pause = SHORTEST
    while True:
        try:
            await ask()
        except (TelegramAPIError, ClientDecodeError) as error:
            log.warning(trouble, extra={"error": _words(error)})
            asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0.0
            await sleep(max(pause, asked))
            pause = min(pause * 2, LONGEST)
        else:
            return


def _words(error: Exception) -> str:
    return error.message if isinstance(error, TelegramAPIError) else type(error).__name__
