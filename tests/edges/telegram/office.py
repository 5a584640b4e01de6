"""A courier at work between real tables and the emulator, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.core.book import Book
from bot.core.records import Post
from bot.core.runbook import Runbook
from bot.core.ticks import tick
from bot.core.watch import record
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates
from bot.settings_types import ChatRef
from demo.telegram import DEMO_TOKEN, SHOP_TEAM, ControlClient, Emulator, Json
from tests.conftest import Clock


class Office:
    """A courier at work between real tables and a real HTTP server."""

    def __init__(  # noqa: PLR0913, PLR0917  # all its parts
        self,
        store: SqlStore,
        book: Book,
        runbook: Runbook,
        clock: Clock,
        bot: Bot,
        phone: ControlClient,
    ) -> None:
        self.store, self.book, self.runbook, self.clock = store, book, runbook, clock
        self.phone = phone
        self.tasks = Tasks()
        self.waits: list[float] = []
        self.set_back = 0.0  # seconds by which the wall clock lags since
        self._bot = bot
        self.start_anew()

    def start_anew(self) -> None:
        """A courier that knows only what the tables hold."""
        templates = Templates(zone=ZoneInfo("Europe/Moscow"), clock=self.clock)
        self.courier = Courier(
            bot=self._bot,
            store=self.store,
            cards=Cards(templates=templates, book=self.book),
            pace=Pace(self._monotonic),
            tasks=self.tasks,
            clock=self.clock,
            sleep=self._sleep,
        )

    def _monotonic(self) -> float:
        return self.clock().timestamp() + self.set_back

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.forward(seconds=seconds)

    async def sees(self, *readings: object) -> None:
        now = self.clock()
        await self.store.write(
            lambda tx: record(tx, self.book, self.runbook, readings, now)  # type: ignore[arg-type]  # readings
        )

    async def tick(self) -> None:
        now = self.clock()
        await self.store.write(lambda tx: tick(tx, self.book, now))

    async def deliver(self, seconds: float = 5) -> None:
        """Let the courier work until it has nothing that is due now, within real `seconds`."""
        running = asyncio.ensure_future(self.courier.run())  # noqa: TID251  # cancelled below
        try:
            async with asyncio.timeout(seconds):
                while await self._busy():  # noqa: ASYNC110  # the emulator is the event
                    await asyncio.sleep(0.01)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _busy(self) -> bool:
        await asyncio.sleep(0.02)
        now = self.clock()
        if self.courier.line.down and self.courier.line.wait:
            return bool(self.courier._lanes)  # noqa: SLF001  # to know when it rests
        due = await self.store.read(lambda tx: list(tx.posts.due_chats(now)))
        return bool(due or self.courier._lanes)  # noqa: SLF001  # to know when it rests

    async def posts(self) -> list[Post]:
        return await self.store.read(lambda tx: list(tx.posts.of_alert(1)))

    async def broken(self) -> dict[int, str]:
        return await self.store.read(lambda tx: dict(tx.posts.broken()))

    async def answered(self, status: int) -> int:
        """How often Telegram answered so."""
        return int((await self.phone.calls())["answers"].get(str(status), 0))

    def move_team_to_topic(self, topic: int) -> None:
        places = (ChatRef(SHOP_TEAM, topic),)
        self.book = replace(self.book, policy=replace(self.book.policy, alert_chats=places))
        self.courier.cards = replace(self.courier.cards, book=self.book)

    async def chat(self, chat: int = SHOP_TEAM) -> list[Json]:
        return [message for message in await self.phone.messages(chat) if message["out"]]


@asynccontextmanager
async def at_work(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, emulator: Emulator
) -> AsyncIterator[Office]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url), timeout=2)
    default = DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True)
    bot = Bot(DEMO_TOKEN, session=session, default=default)
    async with ControlClient(emulator.url) as phone:
        office = Office(store, book, runbook, clock, bot, phone)
        yield office
        await office.tasks.close()
    await session.close()


def on_the_clock(clock: Clock) -> Emulator:
    """A Telegram that lives in the test's time."""
    return Emulator(clock=lambda: clock().timestamp())
