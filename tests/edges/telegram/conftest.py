"""The courier's office, for the tests of this folder."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.book import Book
from bot.core.policy import Policy
from bot.core.runbook import Runbook
from bot.edges.store import SqlStore
from bot.settings_types import ChatRef
from demo.telegram import ADMINS, SHOP_TEAM, Emulator
from tests.conftest import Clock
from tests.edges.telegram.office import Office, at_work, on_the_clock


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, admin_chat=ChatRef(ADMINS), alert_chats=(ChatRef(SHOP_TEAM),))


@pytest.fixture
async def emulator(clock: Clock) -> AsyncIterator[Emulator]:
    async with on_the_clock(clock) as running:
        yield running


@pytest.fixture
async def office(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, emulator: Emulator
) -> AsyncIterator[Office]:
    async with at_work(store, book, runbook, clock, emulator) as office:
        yield office
