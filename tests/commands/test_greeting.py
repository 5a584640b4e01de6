"""The first words with Telegram: who we are there."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.commands.polling import WayIn, WrongTokenError, greet
from demo.telegram import DEMO_TOKEN, ControlClient, Emulator


async def refusing(status: int, pauses: list[float], **answer: Any) -> None:  # noqa: ANN401  # JSON
    """Greet a Telegram that refuses once."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with Emulator() as emulator, ControlClient(emulator.url) as phone:
        fault = {"kind": "refuse", "method": "getMe", "times": 1, "status": status}
        await phone.call("POST", "faults", fault | answer)
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        bot = Bot(DEMO_TOKEN, session=session)
        try:
            await greet(bot, sleep)
        finally:
            await session.close()


async def test_it_waits_as_long_as_telegram_asks() -> None:
    pauses: list[float] = []
    words = "Too Many Requests: retry after 7"
    await refusing(429, pauses, description=words, parameters={"retry_after": 7})
    assert pauses == [7]


async def test_a_server_in_trouble_is_asked_again() -> None:
    pauses: list[float] = []
    await refusing(502, pauses)
    assert pauses == [1]


async def test_a_wrong_token_is_not_worth_waiting_for() -> None:
    pauses: list[float] = []
    with pytest.raises(WrongTokenError):
        await refusing(401, pauses, description="Unauthorized")
    assert pauses == []


async def test_what_is_told_to_telegram_at_the_start_waits_until_it_answers() -> None:
    """A menu that nobody took would be missing until the next start."""
    met = asyncio.Event()
    async with Emulator() as emulator, ControlClient(emulator.url) as phone:
        fault = {"kind": "refuse", "method": "getMe", "times": 1, "status": 502}
        await phone.call("POST", "faults", fault)
        bot = Bot(
            DEMO_TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        )
        way = WayIn(bot=bot, dispatcher=Dispatcher(disable_fsm=True))
        coming = asyncio.create_task(way.run(met.set))  # noqa: TID251  # awaited below
        await met.wait()
        assert emulator.state.calls["getme"] == 2
        way.stop.set()
        await coming
        await bot.session.close()
