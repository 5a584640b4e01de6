"""`run`: the assistant itself. Everything meets here: settings, edges, core, Telegram."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from socket import socket

from aiogram import Bot

import handlers
from bot import questions
from bot.commands.auditing import make_auditor
from bot.commands.build import Parts, open_tools
from bot.commands.figures import exposed
from bot.commands.loops import keep_going, overdue, remediate, take_over
from bot.commands.mirroring import keep_mirror
from bot.commands.planning import keep_to, timetable
from bot.commands.polling import WayIn, make_bot, way_in
from bot.commands.serving import serve
from bot.core import revival
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.runner import Runner
from bot.core.timetable import Timetable
from bot.edges import notify
from bot.edges.charts import Charts
from bot.edges.chronicle import Chronicle
from bot.edges.clock import utc_now
from bot.edges.heartbeat import Heartbeat, Watchdog
from bot.edges.lookout import Lookout
from bot.edges.single import SingleInstance
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.health import TelegramHealth
from bot.edges.telegram.knock import Knocker
from bot.edges.telegram.limits import Pace
from bot.edges.telegram.meter import Meter
from bot.settings import Settings
from bot.web.context import Part
from bot.web.health import WebhookWatch, polling
from bot.web.server import listen

log = logging.getLogger(__name__)


TOGETHER = 0.005  # seconds in which changes are shown together
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
    address = settings.http_listen
    with SingleInstance(settings.state_path), ExitStack() as stack:
        # Before anything begins: an address in use is a wrong setting.
        listening = stack.enter_context(listen(address)) if address is not None else None
        async with open_tools(settings, state=settings.state_path, wake=bell.ring) as parts:
            bot = make_bot(settings)
            try:
                await _work(parts, bot, bell, listening)
            finally:
                await bot.session.close()


async def _work(parts: Parts, bot: Bot, bell: Bell, listening: socket | None) -> None:
    tasks, pace = Tasks(), _pace(parts.settings)
    telegram = TelegramHealth()
    bot.session.middleware(telegram)
    bot.session.middleware(Meter(parts.metrics))
    charts = Charts()
    courier = Courier(
        bot=bot,
        store=parts.store,
        cards=parts.cards,
        pace=pace,
        tasks=tasks,
        clock=utc_now,
        observe=parts.metrics.delivery,
        charts=charts,
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
    chronicle = await Chronicle.begin(parts.store)
    await courier.recover()
    if refreshed := await parts.store.write(lambda tx: revival.revive(tx, utc_now())):
        log.info("taps were lost meanwhile, cards are refreshed", extra={"cards": refreshed})
    await take_over(parts, runner, tasks)
    detectors = Detectors(watch=parts.watch, start=tasks.start)
    commands = questions.load(parts.book.remediations)
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
        detectors=detectors,
    )
    entrance = await way_in(parts, bot, dispatcher)
    tasks.keep(courier.run, name="courier")
    tasks.keep(lambda: remediate(runner, tasks, works), name="remediations")
    written = _go_by_the_clock(
        parts, desk, tasks, timetable(parts, commands), bell.ring, chronicle
    )
    late = asyncio.Event()
    tasks.keep(lambda: overdue(parts, late), name="overdue checks")
    menu = partial(handlers.publish, bot, commands=commands, access=parts.access)
    log.info("started", extra={"checks": len(parts.book.watched)})
    async with AsyncExitStack() as stack:
        stack.callback(charts.close)
        stack.push_async_callback(chronicle.tell)  # after the last of the work
        auditor = make_auditor(parts)
        stack.push_async_callback(auditor.aclose)
        tasks.keep(auditor.run, name="auditor")
        knocker = Knocker(bot=bot, store=parts.store, policy=parts.book.policy, clock=utc_now)
        tasks.keep(knocker.run, name="closed chats")
        if parts.settings.heartbeat_url is not None:
            heartbeat = _heartbeat(parts, parts.settings.heartbeat_url.get_secret_value())
            stack.push_async_callback(heartbeat.aclose)
            tasks.keep(heartbeat.run, name="heartbeat")
        keep_mirror(parts, tasks, stack, written.listeners)
        stack.push_async_callback(tasks.close, GRACE)
        if listening is not None:
            exposition = await exposed(parts, lambda: auditor.undelivered_now)
            server = await serve(
                listening,
                parts,
                commands,
                desk,
                detectors,
                _updates(entrance, telegram),
                tasks,
                exposition,
                entrance.routes(),
            )
            stack.push_async_callback(server.aclose)
        stack.callback(runner.end)
        stack.enter_context(Watchdog(parts.watch.pulse, late.set))
        _show_life(parts, tasks, stack)
        await entrance.run(lambda: tasks.start(menu(), name="menu"))
    log.info("stopped")


def _go_by_the_clock(  # noqa: PLR0913, PLR0917  # whatever waits for a time or a change
    parts: Parts,
    desk: Desk,
    tasks: Tasks,
    table: Timetable,
    ring: Callable[[], None],
    chronicle: Chronicle,
) -> Bell:
    """Start them; what is returned rings when any row was written."""
    due, planned = Lookout(clock=utc_now), Lookout(clock=utc_now)
    written = Bell(listeners=[due.wake, planned.wake, chronicle.wake])
    parts.store.written = written.ring
    tasks.keep(chronicle.run, name="chronicle")
    keep_going(parts, desk, tasks, ring, due)
    tasks.keep(lambda: keep_to(table, tasks, planned), name="schedule")
    return written


def _updates(entrance: WayIn, telegram: TelegramHealth) -> Part:
    """Whether updates come in, either way."""
    if entrance.webhook is None:
        return polling(telegram)
    return WebhookWatch(bot=entrance.bot, url=entrance.webhook.url, clock=time.monotonic)


def _pace(settings: Settings) -> Pace:
    return Pace(
        time.monotonic,
        per_second=settings.telegram_per_second,
        chat_burst=settings.telegram_chat_burst,
        group_per_minute=settings.telegram_group_per_minute,
    )


def _show_life(parts: Parts, tasks: Tasks, stack: AsyncExitStack) -> None:
    """Let systemd know that the assistant is ready, alive, and at the end that it stops."""
    if every := notify.watched():
        life = notify.SignsOfLife(store=parts.store, every=every)
        tasks.keep(life.run, name="signs of life")
    notify.tell("READY=1")
    stack.callback(notify.tell, "STOPPING=1")


def _heartbeat(parts: Parts, url: str) -> Heartbeat:
    return Heartbeat(url=url, pulse=parts.watch.pulse, store=parts.store, clock=utc_now)
