"""Long polling as the Bot API does it."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError
from aiogram.types import InaccessibleMessage, InlineKeyboardButton, InlineKeyboardMarkup, Message

from demo.telegram import ANN, BORIS, SHOP_TEAM, ControlClient, Emulator, NothingCame
from demo.telegram.clock import HandClock

PRESS = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Press", callback_data="a1:7", style="danger")]]
)


async def test_a_spoken_command_reaches_the_bot_with_its_entity(
    bot: Bot, phone: ControlClient
) -> None:
    said = await phone.say(ANN, "see /status now", SHOP_TEAM)
    (update,) = await bot.get_updates()
    assert update.update_id == said["update_id"]
    assert update.message is not None
    assert update.message.text == "see /status now"
    assert update.message.from_user is not None
    assert update.message.from_user.id == ANN
    assert [entity.type for entity in update.message.entities or []] == ["bot_command"]


async def test_updates_come_again_until_an_offset_acknowledges_them(
    bot: Bot, phone: ControlClient
) -> None:
    for number in range(3):
        await phone.say(ANN, f"{number}")
    first = await bot.get_updates()
    again = await bot.get_updates()
    assert [update.update_id for update in first] == [update.update_id for update in again]
    rest = await bot.get_updates(offset=first[1].update_id)
    assert [update.update_id for update in rest] == [each.update_id for each in first[1:]]
    assert await bot.get_updates(offset=first[-1].update_id + 1) == []
    assert await bot.get_updates(offset=first[0].update_id) == []


async def test_limit_and_negative_offset(bot: Bot, phone: ControlClient) -> None:
    await phone.call("POST", "say", [{"user": ANN, "text": f"{each}"} for each in range(120)])
    assert len(await bot.get_updates(limit=7)) == 7
    assert len(await bot.get_updates()) == 100
    (newest,) = await bot.get_updates(offset=-1)
    assert newest.message is not None
    assert newest.message.text == "119"


async def test_a_long_poll_ends_when_something_comes(bot: Bot, phone: ControlClient) -> None:
    async with asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(bot.get_updates(timeout=30))
        await phone.called("getUpdates")
        await phone.say(ANN, "hello")
    (update,) = polling.result()
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_second_poller_ends_the_first(bot: Bot, phone: ControlClient) -> None:
    async def first() -> str:
        with pytest.raises(TelegramConflictError) as caught:
            await bot.get_updates(timeout=30)
        return str(caught.value)

    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(first())
        await phone.called("getUpdates")
        await bot.get_updates(timeout=0)
    assert "terminated by other getUpdates request" in ended.result()


async def test_polling_is_refused_while_a_webhook_is_set(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/hook"
    await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_unwanted_kinds_are_never_queued(bot: Bot, phone: ControlClient) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    assert (await phone.say(ANN, "hello"))["update_id"] is None
    message = await _card(bot, phone)
    await phone.tap(ANN, message, "Press")
    (update,) = await bot.get_updates()
    assert update.event_type == "callback_query"


async def test_a_tap_lives_150_seconds_and_a_message_a_day(
    bot: Bot, phone: ControlClient, clock: HandClock
) -> None:
    message = await _card(bot, phone)
    await phone.tap(ANN, message, "Press")
    await phone.say(ANN, "still here")
    clock.now += 149
    assert len(await bot.get_updates()) == 2
    clock.now += 1
    assert [update.event_type for update in await bot.get_updates()] == ["message"]
    clock.now += 24 * 3600
    assert await bot.get_updates() == []


async def test_a_tap_arrives_and_its_answer_is_seen(bot: Bot, phone: ControlClient) -> None:
    message = await _card(bot, phone)
    query_id = await phone.tap(BORIS, message, "Press")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "a1:7"
    assert isinstance(update.callback_query.message, Message)
    with pytest.raises(NothingCame):
        await phone.answer(query_id, timeout=0)
    await update.callback_query.answer("Taken", show_alert=True)
    answer = await phone.answer(query_id)
    assert (answer["text"], answer["show_alert"]) == ("Taken", True)
    assert [toast["text"] for toast in await phone.toasts()] == ["Taken"]


async def test_forged_and_inaccessible_taps(bot: Bot, phone: ControlClient) -> None:
    message = await _card(bot, phone)
    await phone.tap(ANN, message, data="a1:999", forged=True)
    await phone.tap(ANN, message, data="a1:7", inaccessible=True)
    forged, gone = await bot.get_updates()
    assert forged.callback_query is not None
    assert forged.callback_query.data == "a1:999"
    assert gone.callback_query is not None
    assert isinstance(gone.callback_query.message, InaccessibleMessage)


async def test_abuse_variants_of_a_message(bot: Bot, phone: ControlClient) -> None:
    await phone.say(ANN, "/status", SHOP_TEAM, sent_as="anonymous")
    await phone.say(ANN, "/status", SHOP_TEAM, sent_as="channel")
    await phone.say(ANN, "/status", SHOP_TEAM, sent_as="auto_forward")
    await phone.say(ANN, "/status", forward_from=BORIS)
    await phone.say(ANN, "/status", caption=True)
    updates = await bot.get_updates()
    messages = [update.message for update in updates if update.message]
    anonymous, channel, automatic, forwarded, caption = messages
    assert anonymous.sender_chat is not None
    assert anonymous.sender_chat.id == SHOP_TEAM
    assert channel.sender_chat is not None
    assert channel.sender_chat.type == "channel"
    assert automatic.is_automatic_forward
    assert forwarded.forward_origin is not None
    assert caption.text is None
    assert caption.caption == "/status"


async def test_block_kick_and_return_are_told(bot: Bot, phone: ControlClient) -> None:
    await phone.block(ANN)
    await phone.kick(SHOP_TEAM, by=ANN)
    assert (await phone.say(ANN, "do you hear me"))["update_id"] is None
    await phone.block(ANN, blocked=False)
    told = [update.my_chat_member for update in await bot.get_updates()]
    assert [each.new_chat_member.status for each in told if each] == ["kicked", "kicked", "member"]


async def test_an_edited_message_is_an_update_of_its_own(bot: Bot, phone: ControlClient) -> None:
    said = await phone.say(ANN, "first")
    place = {"user": ANN, "chat": ANN, "message_id": said["message_id"]}
    await phone.call("POST", "edit", place | {"text": "/second"})
    _, edited = await bot.get_updates()
    assert edited.edited_message is not None
    assert edited.edited_message.text == "/second"


async def test_update_ids_go_on_after_a_reset(phone: ControlClient) -> None:
    before = await phone.say(ANN, "one")
    await phone.reset()
    after = await phone.say(ANN, "two")
    assert after["update_id"] > before["update_id"]
    assert after["message_id"] > before["message_id"]


async def test_the_webhook_gets_updates_in_order(
    emulator: Emulator, bot: Bot, phone: ControlClient
) -> None:
    from aiohttp import web  # noqa: PLC0415  # only this test serves

    got: list[int] = []
    secrets: set[str | None] = set()
    everything = asyncio.Event()

    async def hook(request: web.Request) -> web.Response:
        secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        got.append((await request.json())["update_id"])
        if len(got) == 4:
            everything.set()
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3")
    said = [(await phone.say(ANN, "x"))["update_id"] for _ in range(3)]
    async with asyncio.timeout(10):
        await everything.wait()
    assert got == [said[0], *said]
    assert secrets == {"s3"}
    await bot.delete_webhook()
    await runner.cleanup()
    assert emulator.state.updates.webhook.url == ""


async def _card(bot: Bot, phone: ControlClient) -> dict[str, object]:
    sent = await bot.send_message(SHOP_TEAM, "card", reply_markup=PRESS)
    return await phone.wait_for(SHOP_TEAM, lambda each: each["message_id"] == sent.message_id)
