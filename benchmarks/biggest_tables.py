"""The largest tables in `/db`: how long the walk through all pages takes, and where it is ended.

`dbstat` reads every page of the file. Cold, as after a restart of the machine, that is what the
disk gives; the limit must hold there too, and must not keep the shop's writers out for long.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from unittest.mock import patch
from zoneinfo import ZoneInfo

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ZONE, ShopPlan, forget_cached, shop_file
from bot.edges.clock import utc_now
from bot.edges.shop import open_shop, sqlite_storage
from bot.edges.shop.sqlite import SqliteShop
from bot.edges.templates import Templates

OVER = 0.5  # seconds beyond its limit in which it must be given up
SHOP_GIVES_UP = 5.0  # seconds for which SoVAni's writers wait for a lock
TIMES = 5
WAL, ROLLBACK = "wal", "delete"
# None: as it is. Half a second is hit on any disk.
LIMITS: Sequence[tuple[str, str, float | None]] = (
    ("WAL", WAL, None),
    ("rollback journal", ROLLBACK, None),
    ("WAL, limit of 0.5 s", WAL, 0.5),
    ("rollback journal, limit of 0.5 s", ROLLBACK, 0.5),
)


@dataclass(slots=True)
class Found:
    """Seconds of each answer, cold and warm, and how often the tables were in it."""

    limit: float
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    known: int = 0
    waited: list[float] = field(default_factory=list)  # seconds that a writer waited meanwhile


async def run(options: Options) -> Report:
    rows = 1_000_000 if options.quick else 10_000_000
    path = shop_file(options.folder, ShopPlan(rows=rows, days=1095))
    found = {name: await _measured(path, mode, limit) for name, mode, limit in LIMITS}
    _journal(path, WAL)
    return _report(found, path.stat().st_size)


async def _measured(path: Path, mode: str, limit: float | None) -> Found:
    _journal(path, mode)
    usual = sqlite_storage.PATIENCE.get(mode, sqlite_storage.SHORT_PATIENCE)
    found = Found(limit=usual if limit is None else limit)
    templates = Templates(zone=ZoneInfo(ZONE), clock=utc_now)
    shop = open_shop(f"sqlite:///{path}", sql=templates.sql)
    assert isinstance(shop, SqliteShop)  # noqa: S101  # by its address
    with (
        patch.object(sqlite_storage, "PATIENCE", {WAL: found.limit} if mode == WAL else {}),
        patch.object(sqlite_storage, "SHORT_PATIENCE", found.limit),
    ):
        for _ in range(TIMES):
            forget_cached(path)
            await _ask(shop, found, found.cold)
            await _ask(shop, found, found.warm)
        async with _writing(path, found.waited):
            forget_cached(path)
            await _ask(shop, found, [])
    await shop.close()
    return found


async def _ask(shop: SqliteShop, found: Found, taken: list[float]) -> None:
    began = time.perf_counter()
    stored = await shop.storage()
    taken.append(time.perf_counter() - began)
    found.known += stored.tables is not None


@asynccontextmanager
async def _writing(path: Path, waited: list[float]) -> AsyncIterator[None]:
    """Another program writes a row after the other, as SoVAni does."""
    over = asyncio.Event()
    work = asyncio.to_thread(_write, path, waited, over.is_set)
    async with asyncio.TaskGroup() as group:
        group.create_task(work)
        yield
        over.set()


def _write(path: Path, waited: list[float], over: Callable[[], bool]) -> None:
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as shop:
        shop.execute("CREATE TABLE IF NOT EXISTS bench_rows (n INTEGER)")
        while not over():
            began = time.perf_counter()
            shop.execute("INSERT INTO bench_rows VALUES (1)")
            waited.append(time.perf_counter() - began)
            time.sleep(0.01)
        shop.execute("DROP TABLE bench_rows")


def _journal(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path, timeout=60)) as shop:
        shop.execute(f"PRAGMA journal_mode = {mode}")


def _report(found: dict[str, Found], size: int) -> Report:
    over = max(max(one.cold + one.warm) - one.limit for one in found.values())
    waited = max(max(one.waited) for name, one in found.items() if name.startswith("rollback"))
    bars = [
        Bar(
            what=f"/db of {size / 1e9:.1f} GB: the answer after its limit, slowest",
            measured=max(over, 0.0),
            limit=OVER,
            unit=" s",
        ),
        Bar(
            what="a writer of the shop waits for it, rollback journal, slowest",
            measured=waited,
            limit=SHOP_GIVES_UP,
            unit=" s",
        ),
    ]
    rows = [
        [
            name,
            figure(one.limit),
            *map(figure, (median(one.cold), max(one.cold), median(one.warm), max(one.warm))),
            f"{one.known} of {2 * TIMES + 1}",
            figure(1000 * max(one.waited)),
        ]
        for name, one in found.items()
    ]
    head = [
        "file",
        "limit, s",
        "cold, s",
        "slowest",
        "warm, s",
        "slowest",
        "tables known",
        "writer waits, ms",
    ]
    return Report(
        title="The largest tables of the shop",
        bars=bars,
        tables=[Table(head=head, rows=rows)],
        notes=[
            f"medians of {TIMES} answers cold (the kernel's copy of the file dropped) and warm",
            "writer waits: the slowest of rows that another program writes one after the other",
        ],
    )
