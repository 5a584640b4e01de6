"""A real Telegram emulator on a free port, and a PostgreSQL server."""

from collections.abc import AsyncIterator

import pytest

from demo.telegram import Emulator
from tests.edges.shop.conftest import postgres

__all__ = ["emulator", "postgres"]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running
