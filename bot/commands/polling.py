"""The way in from Telegram: who we are there, and updates until a signal ends it."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import Response
from aiogram.types import Message, Update
from aiohttp import web

from bot.commands.build import Parts
from bot.core.webhook import Webhook, kept
from bot.edges import logs
from bot.edges.clock import utc_now
from bot.edges.telegram.inbox import Inbox
from bot.edges.telegram.registration import Sleep, to_polling, to_webhook, until_done
from bot.edges.telegram.turns import unless
from bot.edges.telegram.updates import Updates
from bot.settings import Settings
from bot.web.telegram import TelegramDoor

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """How updates come: brought to `inbox` where there is one, else asked for."""

    bot: Bot
    dispatcher: Dispatcher
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    webhook: Webhook | None = None
    inbox: Inbox | None = None

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Where Telegram brings them, for the HTTP server."""
        if self.webhook is None or self.inbox is None:
            return []
        return TelegramDoor(webhook=self.webhook, bot=self.bot, take=self.inbox.take).routes()

    @property
    def kinds(self) -> list[str]:
        return self.dispatcher.resolve_used_update_types()

    async def run(self, greeted: Callable[[], None] = lambda: None) -> None:
        """Take updates until a signal asks to stop; `greeted` is called once Telegram knows us."""
        # What is loaded stays for good: looking through it for garbage stops everything for 0.2 s.
        gc.freeze()
        gc.enable()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        await unless(self.stop, greet(self.bot))
        if not self.stop.is_set():
            greeted()
        if self.webhook is not None and self.inbox is not None:
            # It stays set at the end: what comes meanwhile is brought after the next start.
            register = to_webhook(self.bot, self.webhook, self.kinds)
            await asyncio.gather(self.inbox.run(), unless(self.stop, register))
        else:
            await unless(self.stop, to_polling(self.bot))
            await self._poll()

    async def _poll(self) -> None:
        updates = Updates(
            bot=self.bot,
            handle=lambda update: self.dispatcher.feed_update(self.bot, update),
            kinds=self.kinds,
            stop=self.stop,
        )
        await updates.run()


async def way_in(parts: Parts, bot: Bot, dispatcher: Dispatcher) -> WayIn:
    """By webhook where the settings name an address, else by long polling."""
    base, given = parts.settings.webhook_url, parts.settings.webhook_secret
    if base is None:
        return WayIn(bot=bot, dispatcher=dispatcher)
    secret = given.get_secret_value() if given else None
    webhook = await parts.store.write(lambda tx: kept(tx, base, secret, utc_now()))
    parts.redact.learn(webhook.secrets)
    logs.hide(webhook.secrets)
    stop = asyncio.Event()
    inbox = Inbox(handle=lambda update: dispatcher.feed_update(bot, update), stop=stop)
    return WayIn(bot=bot, dispatcher=dispatcher, stop=stop, webhook=webhook, inbox=inbox)


async def greet(bot: Bot, sleep: Sleep = asyncio.sleep) -> None:
    """Wait for Telegram as long as it takes; only a wrong token is not worth waiting for."""

    async def ask() -> None:
        try:
            me = await bot.me()
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise WrongTokenError from error
        log.info("Telegram knows us", extra={"username": me.username})

    await until_done("Telegram cannot be reached, trying again", ask, sleep)
