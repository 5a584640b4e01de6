"""The way in from Telegram: long polling that loses no tap."""

import asyncio
import logging
import signal
from contextlib import suppress

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

from bot.settings import Settings

log = logging.getLogger(__name__)

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
    """Take updates until a signal asks to stop.

    One at a time and confirmed after its handler: aiogram would otherwise confirm a tap before
    it is saved and cancel it on the way out.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def listen() -> None:
        await _greet(bot)
        await dispatcher.start_polling(
            bot, handle_signals=False, handle_as_tasks=False, close_bot_session=False
        )

    polling = asyncio.create_task(listen())  # noqa: TID251  # awaited below, in this very function
    stopping = asyncio.create_task(stop.wait())  # noqa: TID251  # likewise
    await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not polling.done():
        try:
            await dispatcher.stop_polling()
        except RuntimeError:  # polling had not begun yet
            polling.cancel()
    with suppress(asyncio.CancelledError):
        await polling


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
