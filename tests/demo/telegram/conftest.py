"""A real emulator on a free port, a real aiogram bot, and a phone to act as people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from demo.telegram import DEMO_TOKEN, ControlClient, Emulator
from demo.telegram.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def emulator(clock: HandClock) -> AsyncIterator[Emulator]:
    async with Emulator(clock=clock) as running:
        yield running


@asynccontextmanager
async def bot_of(emulator: Emulator) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
    yield Bot(DEMO_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    await session.close()


@pytest.fixture
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    async with bot_of(emulator) as made:
        yield made


@pytest.fixture
async def phone(emulator: Emulator) -> AsyncIterator[ControlClient]:
    async with ControlClient(emulator.url) as client:
        yield client
