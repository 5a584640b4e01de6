"""The way in from Telegram: who we are there, and long polling until a signal ends it."""

import asyncio
import gc
import logging
import signal

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response
from aiogram.types import Message, Update

from bot.edges.telegram.updates import Updates, unless
from bot.settings import Settings

log = logging.getLogger(__name__)

# aiogram asks for these types with every answer; pydantic forgets and builds them again and again
# (14 ms each) unless somebody keeps them.
KEPT = (Response[bool], Response[Message], Response[Message | bool], Response[list[Update]])
REQUEST_SECONDS = 25  # a short limit makes lost answers, and with them doubles, more likely


class WrongTokenError(RuntimeError):
    """Telegram does not know the bot token."""


def make_bot(settings: Settings) -> Bot:
    proxy = settings.telegram_proxy_url
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(settings.telegram_api_url),
        proxy=proxy.get_secret_value() if proxy else None,
        timeout=REQUEST_SECONDS,
    )
    return Bot(
        settings.bot_token.get_secret_value(),
        session=session,
        default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True),
    )


async def poll(bot: Bot, dispatcher: Dispatcher) -> None:
    """Take updates until a signal asks to stop."""
    # What is loaded stays for good: looking through it for garbage stops everything for 0.2 s.
    gc.freeze()
    gc.enable()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await unless(stop, _greet(bot))
    updates = Updates(
        bot=bot,
        handle=lambda update: dispatcher.feed_update(bot, update),
        kinds=dispatcher.resolve_used_update_types(),
        stop=stop,
    )
    await updates.run()


async def _greet(bot: Bot) -> None:
    """Wait for Telegram as long as it takes; only a wrong token is not worth waiting for."""
    pause = 1.0
    while True:
        try:
            me = await bot.me()
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise WrongTokenError from error
        except (TelegramAPIError, ClientDecodeError) as error:
            log.warning("Telegram cannot be reached, trying again", extra={"error": str(error)})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)
        else:
            log.info("Telegram knows us", extra={"username": me.username})
            return
