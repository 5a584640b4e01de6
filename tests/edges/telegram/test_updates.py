"""Long polling over real HTTP: what is handled is confirmed, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.edges.telegram import turns, updates
from bot.edges.telegram.updates import Updates
from demo.telegram import ANN, DEMO_TOKEN, SHOP_TEAM, ControlClient, Emulator

Handle = Callable[[Update], Awaitable[object]]
KINDS = ["message", "callback_query"]
BUTTON = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Press", callback_data="a1:x")]]
)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
async def phone(emulator: Emulator) -> AsyncIterator[ControlClient]:
    async with ControlClient(emulator.url) as phone:
        yield phone


@pytest.fixture
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
    yield Bot(DEMO_TOKEN, session=session)
    await session.close()


async def no_pause(_seconds: float) -> None: ...


def listening(bot: Bot, handle: Handle) -> Updates:
    return Updates(bot=bot, handle=handle, kinds=KINDS, stop=asyncio.Event(), sleep=no_pause)


def waiting(emulator: Emulator) -> int:
    """How many updates Telegram would send again."""
    return len(emulator.state.updates.pending)


async def taps(bot: Bot, phone: ControlClient, count: int) -> None:
    sent = await bot.send_message(SHOP_TEAM, "Card", reply_markup=BUTTON)
    tap = {"user": ANN, "chat": SHOP_TEAM, "message_id": sent.message_id, "data": "a1:x"}
    await phone.call("POST", "tap", [tap] * count)


def kind(update: Update) -> str:
    return "tap" if update.callback_query else str(update.message and update.message.text)


async def test_taps_in_a_row_are_handled_together_and_messages_in_their_turn(
    bot: Bot, phone: ControlClient, emulator: Emulator
) -> None:
    begun: list[str] = []
    ended: list[str] = []
    all_taps = asyncio.Barrier(3)  # none would end if they came one after the other

    async def handle(update: Update) -> None:
        what = kind(update)
        begun.append(what)
        if what == "tap":
            await all_taps.wait()
        else:
            await asyncio.sleep(0)
        ended.append(what)
        if what == "last":
            polling.stop.set()

    polling = listening(bot, handle)
    await phone.say(ANN, "first")
    await taps(bot, phone, 3)
    await phone.say(ANN, "last")
    await polling.run()
    assert begun == ended == ["first", "tap", "tap", "tap", "last"]
    assert waiting(emulator) == 0


async def test_at_the_end_what_is_under_way_ends_and_is_confirmed(
    bot: Bot, phone: ControlClient, emulator: Emulator
) -> None:
    ended: list[str] = []

    async def handle(update: Update) -> None:
        polling.stop.set()
        await asyncio.sleep(0)
        ended.append(kind(update))

    polling = listening(bot, handle)
    await taps(bot, phone, 3)
    await phone.say(ANN, "for the next one")
    await polling.run()
    assert ended == ["tap", "tap", "tap"]
    assert waiting(emulator) == 1


async def test_what_does_not_end_in_time_is_not_confirmed(
    bot: Bot, phone: ControlClient, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GRACE", 0.01)

    async def handle(_update: Update) -> None:
        polling.stop.set()
        await asyncio.Event().wait()

    polling = listening(bot, handle)
    await taps(bot, phone, 2)
    await polling.run()
    assert waiting(emulator) == 2


async def test_a_kill_in_the_middle_confirms_nothing(
    bot: Bot, phone: ControlClient, emulator: Emulator
) -> None:
    reached = asyncio.Event()

    async def handle(_update: Update) -> None:
        reached.set()
        await asyncio.Event().wait()

    await taps(bot, phone, 2)
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(listening(bot, handle).run())
        await reached.wait()
        polling.cancel()
    assert waiting(emulator) == 2


async def test_one_that_fails_holds_up_nobody(
    bot: Bot, phone: ControlClient, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    async def handle(update: Update) -> None:
        if kind(update) == "tap" and not ended:
            ended.append("broken")
            raise ValueError("oops")
        ended.append(kind(update))
        if kind(update) == "last":
            polling.stop.set()

    polling = listening(bot, handle)
    await taps(bot, phone, 3)
    await phone.say(ANN, "last")
    await polling.run()
    assert ended == ["broken", "tap", "tap", "last"]
    assert waiting(emulator) == 0
    assert caplog.messages == ["update failed"]


async def test_an_outage_is_waited_out_and_said_once(
    bot: Bot, phone: ControlClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger=updates.__name__)

    async def handle(_update: Update) -> None:
        polling.stop.set()

    polling = listening(bot, handle)
    await phone.fault(method="getUpdates", status=502, description="Bad Gateway", times=3)
    await phone.say(ANN, "back")
    await polling.run()
    assert caplog.messages == ["no updates, trying again", "updates come again"]


async def test_a_long_poll_is_given_up_at_once_at_the_end(bot: Bot, phone: ControlClient) -> None:
    async def handle(_update: Update) -> None: ...

    polling = listening(bot, handle)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(polling.run())
        await phone.called("getUpdates")
        polling.stop.set()
