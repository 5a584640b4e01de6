"""Weeks of what happened, read by pages: taps are taken in between."""

from datetime import datetime
from functools import partial

from bot.core.ports import Store, Tx
from bot.core.records import HistoryEntry, Life
from bot.core.response import Count, Tally

ROWS = 500  # in one transaction: some milliseconds of the store's one thread


async def answers(store: Store, start: datetime) -> Tally:
    """Who answered how fast since then, and what nobody answered."""
    count, after = Count(), 0
    while page := await store.read(partial(_entries, start, after)):
        count.take(page.values())
        after = max(page)
    return count.result()


def _entries(start: datetime, after: int, tx: Tx) -> dict[int, HistoryEntry]:
    return dict(tx.alerts.entries_since(start, after=after, most=ROWS))


async def lives(store: Store, start: datetime) -> list[Life]:
    """The alerts that were open at any time since then, by number."""
    found: list[Life] = []
    after = 0
    while page := await store.read(partial(_lives, start, after)):
        found += page
        after = page[-1].id
    return found


def _lives(start: datetime, after: int, tx: Tx) -> list[Life]:
    return list(tx.alerts.lives_since(start, after=after, most=ROWS))
