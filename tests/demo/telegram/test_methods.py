"""The main paths of the Bot API through aiogram."""

import io

from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    BufferedInputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from aiohttp import ClientSession

from demo.telegram import ADMINS, ANN, BORIS, DEMO_TOKEN, SHOP_TEAM, VERA, ControlClient, Emulator
from demo.telegram.people import PIXEL


async def test_the_bot_knows_itself(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "sovani_ops_bot")


async def test_calls_may_come_as_query_form_or_json(emulator: Emulator) -> None:
    path = f"/bot{DEMO_TOKEN}/sendMessage"
    body = {"chat_id": ANN, "text": "x", "disable_notification": True}
    async with ClientSession(emulator.url) as session:
        async with session.post(path, json=body) as answer:
            assert (await answer.json())["result"]["message_id"] == 1
        async with session.post(path, data={"chat_id": "1001", "text": "x"}) as answer:
            assert (await answer.json())["result"]["message_id"] == 2
        async with session.get(path, params={"chat_id": "1001", "text": "x"}) as answer:
            assert (await answer.json())["result"]["message_id"] == 3
        async with session.post(
            path, data="{", headers={"Content-Type": "application/json"}
        ) as bad:
            assert bad.status == 400


async def test_a_message_is_seen_as_people_see_it(bot: Bot, phone: ControlClient) -> None:
    first = await bot.send_message(ANN, "one")
    await bot.send_message(
        ANN,
        "<b>two</b> &amp; /status",
        disable_notification=True,
        reply_parameters=ReplyParameters(message_id=first.message_id),
    )
    _, seen = await phone.messages(ANN)
    assert seen["text"] == "two & /status"
    assert seen["html"] == '<b>two</b> &amp; <span class="command">/status</span>'
    assert seen["silent"]
    assert seen["reply_to"] == {
        "message_id": first.message_id,
        "name": "SoVAni Ops",
        "text": "one",
    }
    assert [each["last"]["text"] for each in await phone.chats(ANN) if each["id"] == ANN] == [
        "two & /status"
    ]


async def test_a_reply_may_outlive_its_target(bot: Bot) -> None:
    gone = ReplyParameters(message_id=99, allow_sending_without_reply=True)
    assert (await bot.send_message(ANN, "x", reply_parameters=gone)).reply_to_message is None


async def test_files_go_up_and_come_back(bot: Bot, phone: ControlClient) -> None:
    sent = await bot.send_document(
        ANN, BufferedInputFile("ё,1\n".encode(), "отчёт.csv"), caption="<i>all</i>"
    )
    assert sent.document is not None
    assert sent.document.file_name == "отчёт.csv"
    got = await bot.download(sent.document, io.BytesIO())
    assert got is not None
    assert got.read() == "ё,1\n".encode()
    again = await bot.send_document(ANN, sent.document.file_id)
    assert again.document is not None
    photo = await bot.send_photo(ANN, BufferedInputFile(PIXEL, "x.png"))
    assert photo.photo is not None
    assert (photo.photo[-1].width, photo.photo[-1].height) == (1, 1)
    seen = await phone.messages(ANN)
    assert [each["document"]["name"] for each in seen[:2] if each["document"]] == [
        "отчёт.csv",
        "отчёт.csv",
    ]


async def test_captions_and_media_are_edited(bot: Bot, phone: ControlClient) -> None:
    sent = await bot.send_photo(ANN, BufferedInputFile(PIXEL, "x.png"), caption="before")
    await bot.edit_message_caption(chat_id=ANN, message_id=sent.message_id, caption="after")
    photo = InputMediaPhoto(media=BufferedInputFile(PIXEL, "y.png"), caption="<b>new</b>")
    edited = await bot.edit_message_media(photo, chat_id=ANN, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.caption == "new"
    file = InputMediaDocument(media=BufferedInputFile(b"x", "y.txt"))
    await bot.edit_message_media(file, chat_id=ANN, message_id=sent.message_id)
    (seen,) = await phone.messages(ANN)
    assert (seen["edits"], seen["photo"], seen["document"]["name"]) == (3, None, "y.txt")


async def test_pins_are_told_in_the_chat(bot: Bot, phone: ControlClient) -> None:
    sent = await bot.send_message(SHOP_TEAM, "read this")
    await bot.pin_chat_message(SHOP_TEAM, sent.message_id)
    chat = await bot.get_chat(SHOP_TEAM)
    assert chat.pinned_message is not None
    assert chat.pinned_message.message_id == sent.message_id
    assert (await phone.messages(SHOP_TEAM))[-1]["service"] == "SoVAni Ops pinned “read this”"
    await bot.unpin_chat_message(SHOP_TEAM, message_id=sent.message_id)
    assert (await bot.get_chat(SHOP_TEAM)).pinned_message is None


async def test_who_is_who_in_a_chat(bot: Bot) -> None:
    assert (await bot.get_chat_member(ADMINS, ANN)).status == "creator"
    assert (await bot.get_chat_member(ADMINS, BORIS)).status == "administrator"
    assert (await bot.get_chat_member(ADMINS, VERA)).status == "left"
    assert (await bot.get_chat_member(SHOP_TEAM, VERA)).status == "member"
    assert (await bot.get_chat_member(SHOP_TEAM, bot.id)).status == "administrator"
    assert len(await bot.get_chat_administrators(ADMINS)) == 3
    assert await bot.get_chat_member_count(ADMINS) == 3
    assert (await bot.get_chat(ANN)).type == "private"


async def test_the_narrowest_scope_gives_the_menu(bot: Bot, phone: ControlClient) -> None:
    async def menu(user: int, chat: int = 0) -> list[str]:
        return [each["command"] for each in await phone.menu(user, chat)]

    def named(name: str) -> list[BotCommand]:
        return [BotCommand(command=name, description="x")]

    await bot.set_my_commands(named("default"))
    assert await menu(ANN) == ["default"]
    await bot.set_my_commands(named("private"), scope=BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(named("group"), scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands(named("admin"), scope=BotCommandScopeAllChatAdministrators())
    assert await menu(ANN) == ["private"]
    assert (await menu(ANN, SHOP_TEAM), await menu(VERA, SHOP_TEAM)) == (["admin"], ["group"])
    await bot.set_my_commands(named("chat"), scope=BotCommandScopeChat(chat_id=SHOP_TEAM))
    assert await menu(VERA, SHOP_TEAM) == ["chat"]
    mine = BotCommandScopeChatMember(chat_id=SHOP_TEAM, user_id=VERA)
    await bot.set_my_commands(named("mine"), scope=mine)
    assert await menu(VERA, SHOP_TEAM) == ["mine"]
    assert [each.command for each in await bot.get_my_commands(scope=mine)] == ["mine"]
    await bot.delete_my_commands(scope=mine)
    assert await menu(VERA, SHOP_TEAM) == ["chat"]


async def test_calls_are_counted(bot: Bot, phone: ControlClient) -> None:
    await bot.send_message(ANN, "x")
    await bot.send_chat_action(ANN, "typing")
    calls = await phone.calls()
    assert calls["methods"] == {"sendmessage": 1, "sendchataction": 1}
    assert calls["answers"] == {"200": 2}
