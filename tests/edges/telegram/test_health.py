"""Troubles of the token and of a second process are seen, though polling hides them."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError

from bot.edges.telegram.health import TelegramHealth
from demo.telegram import DEMO_TOKEN, ControlClient, Emulator

Watched = tuple[Bot, ControlClient, TelegramHealth]


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    async with Emulator() as emulator, ControlClient(emulator.url) as phone:
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url), timeout=2)
        health = TelegramHealth()
        session.middleware(health)
        yield Bot(DEMO_TOKEN, session=session), phone, health
        await session.close()


async def test_a_second_poller_is_seen_and_said_once(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    bot, phone, health = watched
    await phone.fault(method="getUpdates", status=409, description="Conflict: other", times=2)
    for _ in range(2):
        with pytest.raises(TelegramConflictError):
            await bot.get_updates(timeout=0)
    assert list(health.problems()) == ["conflict"]
    assert sum("same bot token" in line for line in caplog.messages) == 1
    await bot.get_me()
    assert health.conflict  # only an answered poll proves that nobody else polls
    await bot.get_updates(timeout=0)
    assert list(health.problems()) == []


async def test_a_refused_token_is_seen(watched: Watched) -> None:
    bot, phone, health = watched
    await phone.fault(status=401, description="Unauthorized")
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()
    assert list(health.problems()) == ["token refused"]
    await bot.get_me()
    assert list(health.problems()) == []
