"""`run`: the assistant itself. Everything meets here: settings, edges, core, Telegram."""

import asyncio
import logging
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

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

import handlers
from bot import questions
from bot.commands.auditing import make_auditor
from bot.commands.build import Parts, open_tools
from bot.core import revival
from bot.core.desk import Desk
from bot.core.ports import Tx
from bot.core.records import Run
from bot.core.runbook import Runbook
from bot.core.runner import Runner
from bot.edges.charts import Charts
from bot.edges.clock import utc_now
from bot.edges.heartbeat import Heartbeat, Watchdog
from bot.edges.single import SingleInstance
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.health import TelegramHealth
from bot.edges.telegram.knock import Knocker
from bot.edges.telegram.limits import Pace
from bot.settings import Settings

log = logging.getLogger(__name__)


class WrongTokenError(RuntimeError):
    """Telegram does not know the bot token."""


TOGETHER = 0.005  # seconds in which changes are shown together
TIDY_EVERY = 1.0  # seconds between two looks at what is due by the clock
REQUEST_SECONDS = 25  # a short limit makes lost answers, and with them doubles, more likely
GRACE = 10.0  # seconds that work under way is given at the end


@dataclass(kw_only=True)
class Bell:
    """Wakes whoever waits for work; made before those it wakes exist.

    Rings that come together wake once: a hundred taps a second need no hundred looks.
    """

    listeners: list[Callable[[], None]]
    due: bool = False

    def ring(self) -> None:
        if not self.due:
            self.due = True
            asyncio.get_running_loop().call_later(TOGETHER, self._wake)

    def _wake(self) -> None:
        self.due = False
        for listener in self.listeners:
            listener()


async def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    bell = Bell(listeners=[])
    with SingleInstance(settings.state_path):
        async with open_tools(settings, state=settings.state_path, wake=bell.ring) as parts:
            bot = make_bot(settings)
            try:
                await _work(parts, bot, bell)
            finally:
                await bot.session.close()


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


async def _work(parts: Parts, bot: Bot, bell: Bell) -> None:
    tasks = Tasks()
    pace = Pace(time.monotonic, group_per_minute=parts.settings.telegram_group_per_minute)
    bot.session.middleware(TelegramHealth())
    courier = Courier(
        bot=bot,
        store=parts.store,
        cards=parts.cards,
        pace=pace,
        tasks=tasks,
        clock=utc_now,
    )
    runner = Runner(
        store=parts.store,
        book=parts.book,
        tools=parts.tools,
        watch=parts.watch,
        clock=utc_now,
        wake=bell.ring,
    )
    desk = Desk(
        store=parts.store,
        book=parts.book,
        access=parts.access,
        clock=utc_now,
        wake=lambda: None,  # the store rings where a press gave somebody work
    )
    works = asyncio.Event()
    bell.listeners += [courier.wake, works.set]
    parts.store.changed = bell.ring
    await courier.recover()
    if refreshed := await parts.store.write(lambda tx: revival.revive(tx, utc_now())):
        log.info("taps were lost meanwhile, cards are refreshed", extra={"cards": refreshed})
    for lost in await runner.recover():
        log.warning("a remediation was interrupted", extra={"run": lost.id, "action": lost.action})

    charts = Charts()
    commands = questions.load()
    dispatcher = handlers.dispatcher(
        desk=desk,
        store=parts.store,
        templates=parts.templates,
        cards=parts.cards,
        commands=commands,
        tools=parts.tools,
        book=parts.book,
        access=parts.access,
        tasks=tasks,
        clock=utc_now,
        charts=charts,
        pace=pace,
        interval=timedelta(seconds=parts.settings.check_interval_sec),
    )
    tasks.keep(courier.run, name="courier")
    tasks.keep(lambda: _remediate(runner, tasks, works), name="remediations")
    tasks.keep(lambda: _tidy(parts, desk, bell), name="tidy")
    for runbook in parts.book.runbooks.values():
        tasks.keep(_rounds(parts, runbook), name=runbook.name)
    late = asyncio.Event()
    tasks.keep(lambda: _overdue(parts, late), name="overdue checks")
    tasks.start(handlers.publish(bot, commands=commands, access=parts.access), name="menu")
    log.info("started", extra={"checks": len(parts.book.runbooks)})
    async with AsyncExitStack() as stack:
        stack.callback(charts.close)
        auditor = make_auditor(parts)
        stack.push_async_callback(auditor.aclose)
        tasks.keep(auditor.run, name="auditor")
        knocker = Knocker(bot=bot, store=parts.store, policy=parts.book.policy, clock=utc_now)
        tasks.keep(knocker.run, name="closed chats")
        if parts.settings.heartbeat_url is not None:
            heartbeat = _heartbeat(parts, parts.settings.heartbeat_url.get_secret_value())
            stack.push_async_callback(heartbeat.aclose)
            tasks.keep(heartbeat.run, name="heartbeat")
        stack.push_async_callback(tasks.close, GRACE)
        stack.enter_context(Watchdog(parts.watch.pulse, late.set))
        await _poll(bot, dispatcher)
    log.info("stopped")


def _heartbeat(parts: Parts, url: str) -> Heartbeat:
    return Heartbeat(url=url, pulse=parts.watch.pulse, store=parts.store, clock=utc_now)


async def _overdue(parts: Parts, late: asyncio.Event) -> None:
    """Make alerts of checks that hang; the watchdog's thread says when to look."""
    while True:
        await late.wait()
        await parts.watch.judge_sight()
        late.clear()


async def _poll(bot: Bot, dispatcher: Dispatcher) -> None:
    """Take updates until a signal asks to stop.

    One at a time and confirmed after its handler: aiogram would otherwise confirm a tap before
    it is saved and cancel it on the way out.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def poll() -> None:
        await _greet(bot)
        await dispatcher.start_polling(
            bot, handle_signals=False, handle_as_tasks=False, close_bot_session=False
        )

    polling = asyncio.create_task(poll())  # noqa: TID251  # awaited below, in this very function
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


def _rounds(parts: Parts, runbook: Runbook) -> Callable[[], Awaitable[None]]:
    """The loop of one check, on the monotonic clock: a wall clock set back must not stop it."""
    every = runbook.every.total_seconds() if runbook.every else parts.settings.check_interval_sec

    async def loop() -> None:
        while True:
            began = time.monotonic()
            await parts.watch.round(runbook)
            rest = every - (time.monotonic() - began)
            await asyncio.sleep(max(rest, 1.0) * random.uniform(0.98, 1.02))

    return loop


async def _remediate(runner: Runner, tasks: Tasks, works: asyncio.Event) -> None:
    """Hand out what waits: pre-flights and confirmed remediations, each once."""
    taken: set[tuple[int, str]] = set()

    async def handle(run: Run) -> None:
        try:
            await runner.handle(run)
        finally:
            taken.discard((run.id, run.state))

    while True:
        works.clear()
        for run in await runner.pending():
            if (run.id, run.state) not in taken:
                taken.add((run.id, run.state))
                tasks.start(handle(run), name=f"run {run.id}")
        await works.wait()


def _tick(parts: Parts, desk: Desk, now: datetime) -> Callable[[Tx], int]:
    return lambda tx: desk.tidy(tx, now) + parts.book.tick(tx, now)


async def _tidy(parts: Parts, desk: Desk, bell: Bell) -> None:
    while True:
        if await parts.store.write(_tick(parts, desk, utc_now())):
            bell.ring()
        await asyncio.sleep(TIDY_EVERY)
