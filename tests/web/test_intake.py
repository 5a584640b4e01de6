"""Alerts of many requests are saved together, and one that comes alone waits for nobody."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.core import senders
from bot.core.book import Book
from bot.core.model import Severity, fires
from bot.core.ports import Tx
from bot.core.senders import Told
from bot.edges.store import SqlStore
from bot.web.incoming.intake import GATHER, Intake
from tests.conftest import NOON
from tests.web.conftest import Ticks

T = TypeVar("T")


@dataclass
class Counting:
    """The tables, and how often they were written to."""

    store: SqlStore
    writes: int = 0

    async def read(self, work: Callable[[Tx], T]) -> T:
        return await self.store.read(work)

    async def write(self, work: Callable[[Tx], T], *, durable: bool = False) -> T:
        self.writes += 1
        return await self.store.write(work, durable=durable)


async def test_one_alert_waits_for_nobody_and_a_flood_gathers(
    store: SqlStore, book: Book, ticks: Ticks
) -> None:
    waits: list[float] = []
    asleep, awake = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        asleep.set()
        await awake.wait()

    tables = Counting(store)
    intake = Intake(store=tables, book=book, clock=lambda: NOON, monotonic=ticks, sleep=sleep)

    async def take(name: str) -> None:
        alert = fires(name, Severity.WARNING, name=name)
        await intake.take(senders.name_of("generic"), [Told(alert)])

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        working = group.create_task(intake.run())
        await take("the first")
        assert (waits, tables.writes) == ([], 1)
        many = [group.create_task(take(f"web {number}")) for number in range(20)]
        await asleep.wait()
        awake.set()
        await asyncio.gather(*many)
        assert (waits, tables.writes) == ([GATHER], 2)
        ticks.now += 1
        await take("much later")
        assert (waits, tables.writes) == ([GATHER], 3)
        working.cancel()
    assert len(await store.read(lambda tx: tx.alerts.open())) == 22
