"""A real Telegram emulator on a free port."""

from collections.abc import AsyncIterator

import pytest

from demo.telegram import Emulator


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running
