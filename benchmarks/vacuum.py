"""Taps while VACUUM rewrites a file of a gigabyte, and questions to a file that is locked.

VACUUM is started by its button, in the assistant's own process; one person goes on tapping
`Acknowledge` on another card, one tap after the other, and waits for each toast.
"""

import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, shop_file
from benchmarks._stage import LASTING, Stage, data_of, stage
from benchmarks._stats import p99
from benchmarks._vacuum_story import (
    COOLDOWN,
    bloat,
    cash,
    growth_thresholds,
    to_rollback_journal,
    vacuuming,
)
from demo.telegram import ANN, Json

TIMES = 3.0
LOCKED_SECONDS = 2.0
PAUSE = 0.02  # seconds between two taps, on average
Tap = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class Found:
    """Seconds of each tap and of each question."""

    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    vacuums: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    locked: list[float] = field(default_factory=list)
    during_rollback: list[tuple[float, str]] = field(default_factory=list)
    answer: str = ""
    file_bytes: int = 0


async def run(options: Options) -> Report:
    rows, times = (1_000_000, 1) if options.quick else (10_000_000, 3)
    shop = shop_file(options.folder, ShopPlan(rows=rows, days=1095))
    found = Found()
    with tempfile.TemporaryDirectory(prefix="sovani-ops-vacuum-", dir=options.folder) as name:
        async with stage(Path(name)) as chat:
            await asyncio.to_thread(shutil.copyfile, shop, chat.database)
            found.file_bytes = chat.database.stat().st_size
            async with chat.assistant(**growth_thresholds(chat.database)):
                await _measure(chat, times, found)
    return _report(found)


async def _measure(chat: Stage, times: int, found: Found) -> None:
    tap = _tapping(chat, await chat.card(LASTING, "Acknowledge"))
    for _ in range(times):
        await asyncio.to_thread(bloat, chat.database)
        card = await chat.card("The database is", "Run VACUUM")
        await chat.quiet()
        idle = await _taps(tap, _for(10.0))
        async with vacuuming(chat, card) as vacuum:
            began = time.monotonic()
            busy = await _taps(tap, lambda: vacuum.under_way)
            found.vacuums.append(time.monotonic() - began)
        found.idle += idle
        found.busy += busy
        found.ratios.append(p99(busy) / p99(idle))
        await asyncio.sleep(COOLDOWN - (time.monotonic() - began))
    await asyncio.to_thread(to_rollback_journal, chat.database)
    await _ask_while_locked(chat, found)
    await _ask_while_vacuuming(chat, found)


async def _ask_while_locked(chat: Stage, found: Found) -> None:
    """Another program holds the file: nothing can be read until it lets go."""
    with closing(sqlite3.connect(chat.database, timeout=60, isolation_level=None)) as shop:
        shop.execute("BEGIN EXCLUSIVE")
        for _ in range(10):
            began = time.perf_counter()
            found.answer = await cash(chat)
            found.locked.append(time.perf_counter() - began)
        shop.execute("ROLLBACK")


async def _ask_while_vacuuming(chat: Stage, found: Found) -> None:
    """In rollback mode VACUUM locks readers out while it copies back."""
    await asyncio.to_thread(bloat, chat.database)
    card = await chat.card("The database is", "Run VACUUM")
    async with vacuuming(chat, card) as vacuum:
        while vacuum.under_way:
            began = time.perf_counter()
            answer = await cash(chat)
            found.during_rollback.append((time.perf_counter() - began, answer))


def _tapping(chat: Stage, card: Json) -> Tap:
    """Press again and again what is taken already: each press is a whole transaction."""
    data = data_of(card, "Acknowledge")

    async def tap() -> float:
        began = time.perf_counter()
        await chat.phone.answer(await chat.phone.tap(ANN, card, data=data, forged=True))
        return time.perf_counter() - began

    return tap


async def _taps(tap: Tap, go_on: Callable[[], bool]) -> list[float]:
    taken = []
    while go_on():
        taken.append(await tap())
        await asyncio.sleep(random.uniform(0, 2 * PAUSE))
    return taken


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def _report(found: Found) -> Report:
    size = f"{found.file_bytes / 1e9:.1f} GB"
    slowest = max(seconds for seconds, _ in found.during_rollback)
    bars = [
        Bar(
            what=f"tap to answer while VACUUM of {size} runs, p99, of idle",
            measured=p99(found.busy) / p99(found.idle),
            limit=TIMES,
            unit="×",
        ),
        Bar(
            what="/cash while another program locks the file, slowest",
            measured=max(found.locked),
            limit=LOCKED_SECONDS,
            unit=" s",
        ),
        Bar(
            what="/cash while VACUUM runs in rollback mode, slowest",
            measured=slowest,
            limit=LOCKED_SECONDS,
            unit=" s",
        ),
    ]
    rows = [_row("idle", found.idle), _row("VACUUM runs", found.busy)]
    spans = ", ".join(figure(one) for one in found.vacuums)
    ratios = ", ".join(figure(one) for one in found.ratios)
    said = dict.fromkeys(answer for _, answer in found.during_rollback)
    return Report(
        title="Taps while VACUUM runs",
        bars=bars,
        tables=[Table(head=["taps", "count", "p50, ms", "p99, ms", "slowest, ms"], rows=rows)],
        notes=[
            f"{len(found.vacuums)} runs of VACUUM in WAL mode took {spans} s; p99 ratios {ratios}",
            f"/cash while locked: median {figure(median(found.locked))} s, “{found.answer}”",
            f"/cash during VACUUM in rollback mode, {len(found.during_rollback)} times: "
            + "; ".join(f"“{one}”" for one in said),
        ],
    )


def _row(name: str, seconds: Sequence[float]) -> list[str]:
    values = [1000 * one for one in seconds]
    return [name, str(len(values)), *map(figure, (median(values), p99(values), max(values)))]
