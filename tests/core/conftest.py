"""Fixtures of the engine's tests."""

import pytest

from bot.core.book import Book
from bot.edges.store import SqlStore
from tests.conftest import Clock
from tests.core.trace import Day


@pytest.fixture
def day(store: SqlStore, book: Book, clock: Clock) -> Day:
    return Day(store, book, clock)
