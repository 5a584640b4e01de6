"""Puts the parts together from the settings. Every command takes from here what it needs.

aiogram is not among it: only `run` talks to Telegram, and importing it costs seconds.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import checks
from bot import remediations
from bot.commands import markets, people
from bot.commands.outside import open_outside
from bot.commands.plans import plans
from bot.commands.rules import access, policy, shared
from bot.core import beat_look, beats, review, senders, sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.heartbeat import Pulse
from bot.core.notifier import AdminNotifier
from bot.core.tools import ActionTools
from bot.core.watch import Watch
from bot.edges.bounded import Bounded
from bot.edges.cards import Cards
from bot.edges.clock import utc_now
from bot.edges.job_calendar import CronCalendar
from bot.edges.markets import ShopMarkets
from bot.edges.markets.pauses import Pauses
from bot.edges.markets.resolve import Resolver
from bot.edges.markets.tariffs import WbTariffs
from bot.edges.memory import StoredMemory
from bot.edges.metrics import Metrics
from bot.edges.redact import Redactor
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The product without Telegram."""

    settings: Settings
    templates: Templates
    store: SqlStore
    tools: ActionTools
    book: Book
    cards: Cards
    watch: Watch
    access: Access
    metrics: Metrics
    redact: Redactor


@asynccontextmanager
async def open_tools(
    settings: Settings,
    *,
    state: Path | None = None,
    wake: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Parts]:
    """Open everything but Telegram; `state` None: tables in memory, for a look and no more."""
    redact = Redactor(settings.secrets())
    templates = Templates(zone=settings.zone, clock=clock, redact=redact)
    async with AsyncExitStack() as stack:
        store = await SqlStore.open(state)
        stack.push_async_callback(store.close)
        runbooks = checks.load(settings.checks, shared(settings))
        book = Book(
            runbooks=runbooks,
            remediations=remediations.load(),
            policy=policy(settings),
            sight=sight.runbook(store),
            others={
                **senders.runbooks(),
                beats.NAME: beat_look.runbook(store),
                review.NAME: review.runbook(runbooks),
            },
            beats={one.job: one.plan(settings.zone) for one in settings.beats},
            plans=plans(settings),
        )
        notifier = AdminNotifier(
            store=store, book=book, admins=settings.admins, clock=clock, wake=wake
        )
        memory = StoredMemory(store=store, clock=clock)
        pauses = Pauses(memory)
        outside = ShopMarkets(
            markets.slots(settings),
            pauses=pauses,
            clock=clock,
            resolver=Resolver(settings.second_resolver),
        )
        stack.push_async_callback(outside.aclose)
        tariffs = WbTariffs(
            markets.slots(settings),
            url=settings.wb_common_api_url,
            column=settings.wb_commission_field,
            pauses=pauses,
            clock=clock,
        )
        stack.push_async_callback(tariffs.aclose)
        letters = people.letters(settings, store, templates, clock=clock, wake=wake)
        stack.push_async_callback(letters.aclose)
        tools = replace(
            open_outside(settings, stack, templates, memory, notifier, outside, redact),
            letters=letters,
            tariffs=tariffs,
            calendar=CronCalendar(
                {job: line for one in runbooks.values() for job, line in one.schedule.items()},
                patience=settings.job_lock_wait_sec,
            ),
        )
        metrics = Metrics()
        metrics.expect(runbooks, book.remediations)
        for name, runbook in runbooks.items():
            metrics.switched_on.labels(name).set(runbook.enabled)
        watch = Watch(
            store=store,
            tools=tools,
            book=book,
            clock=clock,
            wake=wake,
            timeout=timedelta(seconds=settings.check_timeout_sec),
            pulse=_pulse(settings, book),
            bound=Bounded(),
            observe=metrics.round,
        )
        yield Parts(
            settings=settings,
            templates=templates,
            store=store,
            tools=tools,
            book=book,
            cards=Cards(templates=templates, book=book),
            watch=watch,
            access=access(settings),
            metrics=metrics,
            redact=redact,
        )


def _pulse(settings: Settings, book: Book) -> Pulse:
    own = {name: runbook.every for name, runbook in book.watched.items()}
    usual = settings.check_interval_sec
    return Pulse(
        every={name: every.total_seconds() if every else usual for name, every in own.items()},
        limit=settings.check_timeout_sec,
        clock=time.monotonic,
    )
