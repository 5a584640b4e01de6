"""Faults on purpose, an outage and Telegram's real pace, met through aiogram."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from demo.telegram import ANN, BORIS, SHOP_TEAM, ControlClient
from demo.telegram.clock import HandClock


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            {"status": 429, "description": "Too Many Requests", "parameters": {"retry_after": 7}},
            TelegramRetryAfter,
        ),
        ({"status": 500, "description": "Internal Server Error"}, TelegramServerError),
        ({"status": 500, "description": "restart"}, RestartingTelegram),
        ({"kind": "html"}, ClientDecodeError),
        ({"kind": "drop_before"}, TelegramNetworkError),
        ({"kind": "drop_after"}, TelegramNetworkError),
    ],
)
async def test_faults_meet_the_next_call_only(
    bot: Bot, phone: ControlClient, fault: dict[str, object], error: type[Exception]
) -> None:
    await phone.fault(**{"kind": "refuse", "method": "sendMessage"} | fault)  # type: ignore[arg-type]
    await bot.get_me()
    with pytest.raises(error):
        await bot.send_message(ANN, "met")
    await bot.send_message(ANN, "passed")
    texts = [message["text"] for message in await phone.messages(ANN)]
    lost_answer = fault.get("kind") == "drop_after"
    assert texts == (["met", "passed"] if lost_answer else ["passed"])


async def test_a_fault_of_one_chat_spares_the_others(bot: Bot, phone: ControlClient) -> None:
    await phone.fault("refuse", chat_id=ANN, times=None, status=500, description="oops")
    for _ in range(3):
        with pytest.raises(TelegramServerError):
            await bot.send_message(ANN, "x")
        await bot.send_message(BORIS, "x")
    await phone.clear_faults()
    await bot.send_message(ANN, "x")


async def test_an_outage_cuts_a_long_poll_and_every_call(bot: Bot, phone: ControlClient) -> None:
    async def poll() -> None:
        with pytest.raises(TelegramNetworkError):
            await bot.get_updates(timeout=30)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(poll())
        await phone.called("getUpdates")
        await phone.outage(on=True)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ANN, "x")
    await phone.say(ANN, "kept for later")
    await phone.outage(on=False)
    assert len(await bot.get_updates()) == 1


async def test_the_real_pace_when_switched_on(
    bot: Bot, phone: ControlClient, clock: HandClock
) -> None:
    await phone.limits(on=True)
    for _ in range(5):
        await bot.send_message(ANN, "x")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(ANN, "x")
    assert caught.value.retry_after == 1
    for _ in range(20):
        await bot.send_message(SHOP_TEAM, "x")
        clock.now += 1
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(SHOP_TEAM, "x")
    assert caught.value.retry_after == 40
    assert (await phone.calls())["answers"]["429"] == 2
    await phone.limits(on=False)
    await bot.send_message(SHOP_TEAM, "x")


async def test_a_slow_call_still_succeeds(bot: Bot, phone: ControlClient) -> None:
    await phone.fault("latency", method="sendMessage", seconds=0.01)
    await bot.send_message(ANN, "late")
    (fault,) = (await phone.call("GET", "faults"))["faults"]
    assert fault["hits"] == 1
