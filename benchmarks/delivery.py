"""From a change in the tables to the request that shows it, and a round over 10,000 alerts."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from itertools import count
from pathlib import Path
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

import psutil
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

import checks
from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._stats import p99, quantile
from bot.core import sight
from bot.core.book import Book
from bot.core.lifecycle import Past, Patience, plan
from bot.core.model import Moment, Reading, Severity, fires
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.runbook import Runbook
from bot.core.shared import Shared
from bot.core.ticks import tick
from bot.core.tools import Tools
from bot.core.watch import Watch, record
from bot.edges.cards import Cards
from bot.edges.clock import utc_now
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from bot.edges.telegram.courier import Courier
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates
from bot.settings_types import ChatRef, Window
from demo.telegram import DEMO_TOKEN, SHOP_TEAM, Emulator

NAME = "check_db_growth"
FACTS = {
    "main_bytes": 5_600_000_000,
    "total_bytes": 5_600_000_000,
    "wal_bytes": 0,
    "free_bytes": 2_500_000_000,
    "warn_bytes": 5_000_000_000,
    "error_bytes": 8_000_000_000,
    "limit_bytes": 10_000_000_000,
    "disk_free_bytes": 40_000_000_000,
    "disk_free_pct": 40.0,
    "growth_bytes_per_day": None,
    "days_to_limit": None,
    "cause": "size",
}
START_MS, ROUND_MS, MEMORY_MB = 100.0, 200.0, 60.0
ROUNDS = 7


@dataclass(eq=False)
class Starts(BaseRequestMiddleware):
    """Notes when each request begins."""

    began: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        self.began.put_nowait(time.perf_counter())
        return await make_request(bot, method)


class Taken(NamedTuple):
    """Seconds by the clock, and of the processor."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{figure(self.wall * 1000)} ms, {figure(self.cpu * 1000)} ms CPU"


def _median(rounds: Sequence[Taken]) -> Taken:
    return Taken(*(quantile(0.5, values) for values in zip(*rounds, strict=True)))


@dataclass(frozen=True, slots=True)
class Desk:
    store: SqlStore
    book: Book
    runbook: Runbook

    async def round(self, readings: list[Reading], now: datetime) -> "Taken":
        """Let the check see these: the whole round, from reading the tables to saving them."""

        async def detect(_tools: Tools, _moment: Moment) -> Sequence[Reading]:
            return readings

        runbook = replace(self.runbook, detect=detect, needs={})
        watch = Watch(
            store=self.store,
            tools=cast("Tools", None),  # this check asks nothing of the world
            book=self.book,
            clock=lambda: now,
            wake=lambda: None,
        )
        began, cpu = time.perf_counter(), time.process_time()
        await watch.round(runbook)
        return Taken(time.perf_counter() - began, time.process_time() - cpu)

    async def sees(self, readings: list[Reading], now: datetime) -> None:
        await self.store.write(lambda tx: record(tx, self.book, self.runbook, readings, now))


async def run(options: Options) -> Report:
    changes, alerts = (50, 1_000) if options.quick else (500, 10_000)
    async with _desk(options.folder / "delivery.db") as desk:
        starts = await _starts(desk, changes)
    async with _desk(options.folder / "crowd.db") as desk:
        crowd = await _crowd(desk, alerts)
    return _report(starts, crowd, alerts)


@asynccontextmanager
async def _desk(path: Path) -> AsyncIterator[Desk]:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    store = await SqlStore.open(path)
    shared = Shared(
        slo_api_latency_p95_ms=1200,
        slo_ingest_success_rate_pct=99,
        slo_scheduler_on_time_pct=98,
        cf_negative_balance_alert_threshold=-10_000,
    )
    runbook = replace(checks.load({}, shared)[NAME], automatic=None)
    policy = Policy(
        admin_chat=ChatRef(SHOP_TEAM),
        alert_chats=(ChatRef(SHOP_TEAM),),
        zone=ZoneInfo("Europe/Moscow"),
        maintenance=Window(clock_time(2, 30), clock_time(5)),
        automatic=False,
    )
    blind = sight.runbook(store)
    yield Desk(
        store, Book(runbooks={NAME: runbook}, remediations={}, policy=policy, sight=blind), runbook
    )
    await store.close()


async def _starts(desk: Desk, changes: int) -> list[float]:
    """Milliseconds from before the write of a change to the start of its request."""
    starts, hours = Starts(), count(step=3600)
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(Emulator())
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        session.middleware(starts)
        stack.push_async_callback(session.close)
        tasks = Tasks()
        stack.push_async_callback(tasks.close)
        courier = Courier(
            bot=Bot(DEMO_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML")),
            store=desk.store,
            cards=Cards(
                templates=Templates(zone=desk.book.policy.zone, clock=utc_now),
                book=replace(desk.book, remediations={}, runbooks=_plain(desk)),
            ),
            pace=Pace(lambda: float(next(hours))),  # hours pass: no limit ever applies
            tasks=tasks,
            clock=utc_now,
        )
        desk.store.changed = courier.wake
        tasks.keep(courier.run, name="courier")
        return [await _change(desk, starts, number) for number in range(changes)]


def _plain(desk: Desk) -> dict[str, Runbook]:
    return {NAME: replace(desk.runbook, remediations=())}


async def _change(desk: Desk, starts: Starts, number: int) -> float:
    now = utc_now() + timedelta(minutes=2 * number)  # mere numbers are shown once a minute
    began = time.perf_counter()
    await desk.sees([fires("db", Severity.WARNING, **FACTS, number=number)], now)
    async with asyncio.timeout(10):
        return (await starts.began.get() - began) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    opened: Taken
    plan_ms: float
    rounds: dict[str, Taken]
    worse: Taken
    tick_ms: float
    memory_mb: float


SAME, FEW, ALL = "nothing new", "numbers of one in a hundred", "numbers of all"


def _readings(
    alerts: int, *, changed: int = 0, turn: int = 0, severity: Severity = Severity.WARNING
) -> list[Reading]:
    """`changed` of them with the numbers of this turn; new objects each time, as a check's are."""
    text = json.dumps(FACTS)
    return [
        fires(f"db {n}", severity, **json.loads(text), n=n, turn=turn if n < changed else 0)
        for n in range(alerts)
    ]


async def _crowd(desk: Desk, alerts: int) -> Crowd:
    process, start = psutil.Process(), datetime(2026, 11, 23, 12, tzinfo=UTC)
    minutes = (start + timedelta(minutes=minute) for minute in count(1))
    await desk.store.write(lambda tx: tick(tx, desk.book, start))
    before = process.memory_info().rss
    opened = await desk.round(_readings(alerts), start)
    rounds: dict[str, list[Taken]] = {SAME: [], FEW: [], ALL: []}
    hundredth = alerts // 100
    sizes = {FEW: hundredth, SAME: hundredth, ALL: alerts}
    for name in (FEW, SAME, ALL):
        for turn in range(1, ROUNDS + 1):
            seen = _readings(alerts, changed=sizes[name], turn=ROUNDS if name == SAME else turn)
            rounds[name].append(await desk.round(seen, next(minutes)))
    memory = process.memory_info().rss - before
    later = next(minutes)
    ticked = await desk.store.write(lambda tx: _timed_tick(tx, desk.book, later))
    planned = await desk.store.read(lambda tx: _timed_plan(tx, seen, later))
    worse = await desk.round(_readings(alerts, severity=Severity.ERROR), next(minutes))
    return Crowd(
        opened=opened,
        plan_ms=planned * 1000,
        rounds={name: _median(taken) for name, taken in rounds.items()},
        worse=worse,
        tick_ms=ticked * 1000,
        memory_mb=memory / 1e6,
    )


def _timed_tick(tx: Tx, book: Book, now: datetime) -> float:
    began = time.perf_counter()
    tick(tx, book, now)
    return time.perf_counter() - began


def _timed_plan(tx: Tx, readings: list[Reading], now: datetime) -> float:
    past = Past(open=tx.alerts.open(NAME))
    began = time.perf_counter()
    steps = plan(past, readings, now=now, patience=Patience())
    assert not steps  # noqa: S101  # nothing changed, so there is nothing to do
    return time.perf_counter() - began


def _report(starts: list[float], crowd: Crowd, alerts: int) -> Report:
    rows = [
        ["change to start of request, median", f"{figure(quantile(0.5, starts))} ms"],
        [f"open {alerts} alerts in one round", str(crowd.opened)],
        *([f"a whole round: {name}", str(taken)] for name, taken in crowd.rounds.items()),
        ["of it to plan it", f"{figure(crowd.plan_ms)} ms"],
        ["a whole round: all get worse", str(crowd.worse)],
        ["a tick of the clocks", f"{figure(crowd.tick_ms)} ms"],
    ]
    return Report(
        title="Delivery",
        bars=[
            Bar(
                what="change to start of request, p99",
                measured=p99(starts),
                limit=START_MS,
                unit=" ms",
            ),
            *(
                Bar(
                    what=f"read, plan and save a round over {alerts} open alerts: {name}",
                    measured=crowd.rounds[name].wall * 1000,
                    limit=ROUND_MS,
                    unit=" ms",
                )
                for name in (SAME, FEW)
            ),
            Bar(
                what=f"memory for {alerts} open alerts",
                measured=crowd.memory_mb,
                limit=MEMORY_MB,
                unit=" MB",
            ),
        ],
        tables=[Table(head=["what", "measured"], rows=rows)],
        notes=[
            "The change is timed from before it is saved, against the demo's emulator over HTTP."
        ],
    )
