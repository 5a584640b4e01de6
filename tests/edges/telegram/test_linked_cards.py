"""Two open alerts that name each other: their cards are edited when people would see it, only."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

import checks
from bot import remediations
from bot.core.book import Book
from bot.core.model import Reading, Severity, fires
from bot.core.watch import record
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.core.test_linked import GROWTH, LARGE, LATENCY, SLOW
from tests.edges.telegram.office import Office, at_work, on_the_clock


@pytest.fixture
async def shop(store: SqlStore, book: Book, clock: Clock) -> AsyncIterator[Office]:
    """The real checks, of which none acts by itself here."""
    known = {name: replace(one, automatic=None) for name, one in checks.load({}).items()}
    book = replace(book, runbooks=known, remediations=remediations.load())
    async with (
        on_the_clock(clock) as emulator,
        at_work(store, book, known[GROWTH], clock, emulator) as office,
    ):
        yield office


async def rounds(shop: Office, slow: Reading, large: Reading) -> int:
    """One of each check, five minutes later; how many edits it made."""
    before = await edits(shop)
    shop.clock.forward(minutes=5)
    now = shop.clock()
    for check, reading in ((LATENCY, slow), (GROWTH, large)):
        runbook = shop.book.runbooks[check]
        look = partial(record, book=shop.book, runbook=runbook, seen=[reading], now=now)
        await shop.store.write(look)
    await shop.deliver()
    return await edits(shop) - before


async def edits(shop: Office) -> int:
    calls = await shop.phone.calls()
    return int(calls["methods"].get("editmessagetext", 0))


def seen(reading: Reading, **facts: float) -> Reading:
    return fires(reading.subject, Severity.WARNING, **{**reading.facts, **facts})


async def test_they_are_not_edited_round_by_round(shop: Office) -> None:
    await rounds(shop, SLOW, LARGE)
    texts = [one["text"] for one in await shop.chat()]
    made = [await rounds(shop, SLOW, LARGE) for _ in range(4)]
    # As real ones: another byte, another hundredth of a millisecond, each time.
    made += [
        await rounds(
            shop,
            seen(SLOW, p95_ms=2345.0 + number / 100),
            seen(LARGE, total_bytes=6_100_000_000 + number, main_bytes=6_000_000_000 + number),
        )
        for number in range(1, 5)
    ]
    assert made == [0] * 8
    assert [one["text"] for one in await shop.chat()] == texts
    assert sum("🔗" in text for text in texts) == 2


async def test_each_is_edited_once_for_what_people_see(shop: Office) -> None:
    await rounds(shop, SLOW, LARGE)
    assert await rounds(shop, seen(SLOW, p95_ms=3456.0), LARGE) == 1
    assert await rounds(shop, seen(SLOW, p95_ms=3456.0), seen(LARGE, total_bytes=6.3e9)) == 1
