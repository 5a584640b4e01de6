"""Every refusal of Telegram's, met through aiogram: its class and its words."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReactionTypeEmoji,
    ReplyParameters,
)

from demo.telegram import ADMINS, ANN, BORIS, SAM, SHOP_TEAM, ControlClient, Emulator, NothingCame
from demo.telegram.clock import HandClock

Call = Callable[[Bot], Awaitable[object]]


def keyboard(**button: object) -> InlineKeyboardMarkup:
    made = InlineKeyboardButton.model_validate({"text": "x"} | button)
    return InlineKeyboardMarkup(inline_keyboard=[[made]])


def many(rows: int, columns: int) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text="x", callback_data="d")] * columns
    return InlineKeyboardMarkup(inline_keyboard=[row] * rows)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda bot: bot.send_message(ANN, "x" * 4097), "message is too long"),
        (lambda bot: bot.send_message(ANN, "ё" * 20000), "text is too long"),
        (lambda bot: bot.send_message(ANN, "a < b"), "can't parse entities: Unsupported start"),
        (lambda bot: bot.send_message(ANN, "<b> </b>"), "message text is empty"),
        (lambda bot: bot.send_message(ANN, "x", parse_mode="BBCode"), "unsupported parse_mode"),
        (lambda bot: bot.send_message(5, "x"), "chat not found"),
        (lambda bot: bot.send_message("@nobody", "x"), "chat not found"),
        (
            lambda bot: bot.send_message(SHOP_TEAM, "x", message_thread_id=4),
            "message thread not found",
        ),
        (
            lambda bot: bot.send_message(
                ANN, "x", reply_parameters=ReplyParameters(message_id=999)
            ),
            "message to be replied not found",
        ),
        (
            lambda bot: bot.send_message(ANN, "x", reply_markup=keyboard(callback_data="ё" * 33)),
            "BUTTON_DATA_INVALID",
        ),
        (
            lambda bot: bot.send_message(ANN, "x", reply_markup=keyboard(url="nonsense")),
            "Wrong HTTP URL",
        ),
        (
            lambda bot: bot.send_message(
                ANN, "x", reply_markup=keyboard(callback_data="d", style="link")
            ),
            "can't parse inline keyboard button: invalid button style",
        ),
        (lambda bot: bot.send_message(ANN, "x", reply_markup=keyboard()), "Text buttons are"),
        (
            lambda bot: bot.send_message(ANN, "x", reply_markup=many(1, 9)),
            "reply markup is too long",
        ),
        (
            lambda bot: bot.send_message(ANN, "x", reply_markup=many(13, 8)),
            "reply markup is too long",
        ),
        (
            lambda bot: bot.send_photo(ANN, BufferedInputFile(b"no picture", "x.png")),
            "IMAGE_PROCESS_FAILED",
        ),
        (
            lambda bot: bot.send_photo(ANN, BufferedInputFile(bytes(10_500_000), "x.png")),
            "too big for a photo",
        ),
        (
            lambda bot: bot.send_document(
                ANN, BufferedInputFile(b"x", "x.txt"), caption="x" * 1025
            ),
            "message caption is too long",
        ),
        (lambda bot: bot.send_document(ANN, "BQACunknown"), "wrong file identifier"),
        (lambda bot: bot.edit_message_text("x", chat_id=ANN, message_id=99), "to edit not found"),
        (lambda bot: bot.delete_message(ANN, 99), "message to delete not found"),
        (lambda bot: bot.pin_chat_message(ANN, 99), "message to pin not found"),
        (lambda bot: bot.answer_callback_query("123"), "query is too old and response timeout"),
        (lambda bot: bot.get_file("unknown"), "invalid file_id"),
        (lambda bot: bot.get_chat_member(ANN, 5), "PARTICIPANT_ID_INVALID"),
        (lambda bot: bot.get_chat_administrators(ANN), "no administrators in the private chat"),
        (
            lambda bot: bot.set_my_commands([BotCommand(command="Bad-Name", description="x")]),
            "BOT_COMMAND_INVALID",
        ),
        (
            lambda bot: bot.set_my_commands(
                [BotCommand(command="ok", description="x")], scope=BotCommandScopeChat(chat_id=7)
            ),
            "chat not found",
        ),
    ],
)
async def test_bad_requests(bot: Bot, call: Call, words: str) -> None:
    with pytest.raises(TelegramBadRequest) as caught:
        await call(bot)
    assert words in caught.value.message
    assert caught.value.message.startswith("Bad Request: ")


async def test_limits_are_the_last_that_pass(bot: Bot) -> None:
    await bot.send_message(ANN, "<b>" + "x" * 4096 + "</b>")
    await bot.send_message(ANN, "x", reply_markup=keyboard(callback_data="ё" * 32))
    for style in ("danger", "success", "primary"):
        await bot.send_message(ANN, "x", reply_markup=keyboard(callback_data="d", style=style))
    sent = await bot.send_message(ANN, "x", reply_markup=many(12, 8))
    assert sent.reply_markup is not None
    assert len(sent.reply_markup.inline_keyboard) == 12


async def test_an_edit_must_change_text_or_markup(bot: Bot) -> None:
    sent = await bot.send_message(ANN, "<b>x</b>", reply_markup=keyboard(callback_data="d"))
    chat, message = ANN, sent.message_id
    same = keyboard(callback_data="d")
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new"):
        await bot.edit_message_text(
            "<strong>x</strong>", reply_markup=same, chat_id=chat, message_id=message
        )
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(reply_markup=same, chat_id=chat, message_id=message)
    await bot.edit_message_text(
        "<b>x</b>", reply_markup=keyboard(callback_data="e"), chat_id=chat, message_id=message
    )
    await bot.edit_message_text(
        "x", reply_markup=keyboard(callback_data="e"), chat_id=chat, message_id=message
    )
    edited = await bot.edit_message_text("x", chat_id=chat, message_id=message)
    assert not isinstance(edited, bool)
    assert edited.reply_markup is None


async def test_what_the_bot_may_not_edit(bot: Bot, phone: ControlClient) -> None:
    said = await phone.say(ANN, "mine")
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", chat_id=ANN, message_id=said["message_id"])
    file = await bot.send_document(ANN, BufferedInputFile(b"x", "x.txt"))
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=ANN, message_id=file.message_id)
    text = await bot.send_message(ANN, "x")
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(chat_id=ANN, message_id=text.message_id, caption="y")


async def test_a_message_deleted_by_a_person_cannot_be_edited(
    bot: Bot, phone: ControlClient
) -> None:
    sent = await bot.send_message(SHOP_TEAM, "x")
    seen = await phone.wait_for(SHOP_TEAM, lambda each: each["text"] == "x")
    await phone.delete(ANN, seen)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("y", chat_id=SHOP_TEAM, message_id=sent.message_id)


async def test_deletion_ends_after_two_days(bot: Bot, clock: HandClock) -> None:
    sent = await bot.send_message(ANN, "x")
    clock.now += 48 * 3600 + 1
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(ANN, sent.message_id)


async def test_an_answer_to_a_tap(bot: Bot, phone: ControlClient, clock: HandClock) -> None:
    await bot.send_message(ANN, "x", reply_markup=keyboard(callback_data="d"))
    message = await phone.wait_for(ANN, lambda each: bool(each["buttons"]))
    first, second = await phone.tap(ANN, message, "x"), await phone.tap(ANN, message, "x")
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(first, text="x" * 201)
    await bot.answer_callback_query(first, text="x" * 200)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(first)
    clock.now += 16
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(second)
    with pytest.raises(NothingCame):
        await phone.answer(second, timeout=0)


@pytest.mark.parametrize(
    ("chat", "status", "words"),
    [
        (ANN, "kicked", "bot was blocked by the user"),
        (ANN, "deactivated", "user is deactivated"),
        (SAM, "not_started", "bot can't initiate conversation with a user"),
        (SHOP_TEAM, "kicked", "bot was kicked from the supergroup chat"),
        (ADMINS, "left", "bot is not a member of the supergroup chat"),
    ],
)
async def test_closed_doors(
    bot: Bot, phone: ControlClient, chat: int, status: str, words: str
) -> None:
    await phone.set_bot(chat, ANN, status)
    with pytest.raises(TelegramForbiddenError, match=words):
        await bot.send_message(chat, "x")
    await bot.send_message(BORIS, "others are not met")


async def test_rights_are_a_bad_request(bot: Bot, phone: ControlClient) -> None:
    await phone.call("POST", "rights", {"chat": SHOP_TEAM, "read_only": True})
    with pytest.raises(TelegramBadRequest, match="not enough rights to send text messages"):
        await bot.send_message(SHOP_TEAM, "x")
    await phone.set_bot(SHOP_TEAM, ANN, "member")
    with pytest.raises(TelegramBadRequest, match="not enough rights to manage pinned"):
        await bot.pin_chat_message(SHOP_TEAM, 1)


async def test_topics_come_and_go(bot: Bot, phone: ControlClient) -> None:
    await phone.call("POST", "topics", {"chat": SHOP_TEAM, "topics": [4]})
    sent = await bot.send_message(SHOP_TEAM, "x", message_thread_id=4)
    assert sent.message_thread_id == 4
    await phone.call("POST", "topics", {"chat": SHOP_TEAM, "topics": [5]})
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(SHOP_TEAM, "x", message_thread_id=4)


async def test_a_group_becomes_a_supergroup(bot: Bot, phone: ControlClient) -> None:
    room = {"id": -500, "title": "Small", "type": "group", "members": [ANN], "admins": [ANN]}
    await phone.add_room(room)
    await bot.send_message(-500, "x")
    new_id = await phone.migrate(-500, by=ANN)
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(-500, "x")
    assert caught.value.migrate_to_chat_id == new_id
    await bot.send_message(new_id, "x")
    notes = [update.message for update in await bot.get_updates() if update.message]
    assert [note.migrate_to_chat_id for note in notes] == [new_id, None]
    assert [note.migrate_from_chat_id for note in notes] == [None, -500]


async def test_tokens_and_unknown_methods(emulator: Emulator, bot: Bot) -> None:
    class SendTeapot(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "sendTeapot"

    with pytest.raises(TelegramNotFound, match="Not Found: method not found"):
        await bot(SendTeapot())
    stranger = Bot("1:wrong", session=bot.session)
    with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
        await stranger.get_me()
    assert emulator.state.answers[401] == 1


async def test_an_upload_over_50_mb(bot: Bot) -> None:
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(ANN, BufferedInputFile(bytes(51_000_000), "huge.bin"))


async def test_only_known_reactions(bot: Bot, phone: ControlClient) -> None:
    sent = await bot.send_message(ANN, "x")
    eyes, teapot = ReactionTypeEmoji(emoji="👀"), ReactionTypeEmoji(emoji="🫖")
    await bot.set_message_reaction(ANN, sent.message_id, [eyes])
    with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
        await bot.set_message_reaction(ANN, sent.message_id, [teapot])
    (message,) = await phone.messages(ANN)
    assert message["reactions"] == ["👀"]
