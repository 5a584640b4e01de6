"""The same over real HTTP: polled from an emulator that refuses what Telegram refuses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

import handlers
from bot.core.access import Access
from bot.core.model import Role
from bot.core.question import Command
from bot.edges.telegram.updates import Updates
from demo.telegram import ADMINS, ANN, DEMO_TOKEN, SAM, SHOP_TEAM, VERA, ControlClient, Emulator
from demo.telegram.clock import HandClock
from demo.telegram.world import Json
from tests.conftest import NOON
from tests.handlers.telegram import Phone
from tests.questions import scene


@pytest.fixture
def access() -> Access:
    return Access(admins={ANN}, managers=(), viewers={VERA}, chats={ADMINS, SHOP_TEAM})


@pytest.fixture
async def hand(
    phone: Phone, commands: dict[str, Command], access: Access
) -> AsyncIterator[ControlClient]:
    """Somebody's hand on a phone, while the dispatcher of `phone` polls."""
    async with (
        Emulator(clock=HandClock(NOON.timestamp())) as emulator,
        ControlClient(emulator.url) as hand,
    ):
        session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
        bot = Bot(DEMO_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
        await handlers.publish(bot, commands=commands, access=access)

        updates = Updates(
            bot=bot,
            handle=lambda update: phone.dispatcher.feed_update(bot, update),
            kinds=phone.dispatcher.resolve_used_update_types(),
            stop=asyncio.Event(),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(updates.run())
            yield hand
            updates.stop.set()
        await phone.tasks.done()
        await session.close()


async def ask(hand: ControlClient, who: int, text: str, chat: int = 0) -> Json:
    said = (await hand.say(who, text, chat=chat))["message_id"]
    return await hand.wait_for(
        chat or who, lambda message: message["out"] and message["message_id"] > said
    )


async def test_telegram_takes_every_answer(
    hand: ControlClient, phone: Phone, commands: dict[str, Command]
) -> None:
    await phone.store.write(scene.bad_day)
    for name in commands:
        answer = await ask(hand, VERA, f"/{name}", SHOP_TEAM)
        assert "Something went wrong" not in answer["text"], name
    calls = await hand.calls()
    assert calls["refused_by_limits"] == 0


async def test_a_list_is_turned_and_the_whole_of_it_fetched(hand: ControlClient) -> None:
    first = await ask(hand, ANN, "/runbook")
    await hand.tap_and_wait(ANN, first, "3 · Cash balance")
    page = await hand.wait_for(ANN, lambda message: "Runbook 3 · Cash" in message["text"])
    assert page["message_id"] == first["message_id"]
    await hand.tap_and_wait(ANN, page, "Runbooks")
    await hand.wait_for(ANN, lambda message: message["text"].startswith("Runbooks"))

    outliers = await ask(hand, ANN, "/outliers 30")
    toast = await hand.tap_and_wait(ANN, outliers, "XLSX")
    assert toast["text"] == "Looking…"
    number = outliers["message_id"]
    await hand.wait_for(ANN, lambda message: message["out"] and message["message_id"] > number)


async def test_the_menu_is_that_of_the_role(
    hand: ControlClient, commands: dict[str, Command]
) -> None:
    assert {entry["command"] for entry in await hand.menu(SAM)} == {"start", "whoami"}
    listed = {one.name for one in commands.values() if one.listed and one.permits(Role.VIEWER)}
    assert {entry["command"] for entry in await hand.menu(SAM, SHOP_TEAM)} == listed
    assert "cash" in listed
    assert "silence" not in listed


async def test_a_forwarded_and_an_anonymous_command_do_nothing(hand: ControlClient) -> None:
    await hand.say(ANN, "/cash", chat=SHOP_TEAM, forward_from=SAM)
    await hand.wait_for(SHOP_TEAM, lambda message: message["text"].startswith("Forwarded"))
    await hand.say(ANN, "/cash", chat=SHOP_TEAM, sent_as="anonymous")
    await hand.wait_for(SHOP_TEAM, lambda message: "anonymous admins" in message["text"])
    assert not any("Cash" in message["text"] for message in await hand.messages(SHOP_TEAM))


async def test_a_slow_question_holds_up_no_other(
    hand: ControlClient, commands: dict[str, Command]
) -> None:
    gate = asyncio.Event()
    slow = commands["db"]
    read = slow.read
    assert read is not None

    async def waits(asking: object) -> object:
        await gate.wait()
        return await read(asking)  # type: ignore[arg-type]  # passed on as it came

    commands["db"] = replace(slow, read=waits)  # type: ignore[arg-type]  # likewise
    await hand.say(ANN, "/db")
    answer = await ask(hand, VERA, "/help")
    assert answer["text"].startswith("Commands")
    gate.set()
    await hand.wait_for(ANN, lambda message: message["text"].startswith("Database"))
