"""One request to Telegram, and what its answer means for the message (telegram.md §2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, ReplyParameters
from aiohttp import ClientConnectorError


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    content: bytes
    picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one message should look like now; `message_id` None: it is not there yet.

    With a `file` the text is its caption, and there need not be one.
    """

    chat_id: int
    text: str
    topic_id: int | None = None
    message_id: int | None = None
    reply_to: int | None = None
    markup: InlineKeyboardMarkup | None = None
    plain: bool = False
    silent: bool = False
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup with this id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Later:
    """Telegram asks to wait; nothing was sent."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unreached:
    """Certainly not done: try again."""

    error: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request left and its answer was lost: it may have been done."""

    error: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The chat takes no messages of ours: kicked, blocked, unknown, not allowed to write."""

    error: str


@dataclass(frozen=True, slots=True)
class Dead:
    """Nothing makes Telegram take this message; others it may."""

    error: str


class Gone:
    """The message to edit is not there any more."""


class NoTopic:
    """The forum topic is gone; the chat itself remains."""


class BadMarkup:
    """Telegram could not parse the text's markup, or does not take the file."""


Outcome = Sent | Moved | Later | Unreached | Lost | Closed | Dead | Gone | NoTopic | BadMarkup

OUTCOMES: Mapping[type[object], str] = {  # as metrics name them
    Sent: "sent",
    Later: "delayed",
    Unreached: "unreached",
    Lost: "answer_lost",
    Moved: "chat_moved",
    Gone: "message_gone",
    NoTopic: "topic_gone",
    BadMarkup: "markup_refused",
    Closed: "chat_closed",
    Dead: "failed",
}

GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
SHUT = (
    "chat not found",
    "not enough rights",
    "chat_write_forbidden",
    "have no rights to send",
    "have no write access",
    "peer_id_invalid",
)


async def deliver(bot: Bot, draft: Draft) -> Outcome:
    """Send or edit, and say what came of it. Nothing is raised but cancellation."""
    try:
        return Sent(await _request(bot, draft))
    except Exception as error:  # noqa: BLE001  # every answer has a place, also those without a class
        return meaning(error, draft)


async def _request(bot: Bot, draft: Draft) -> int:
    mode = {"parse_mode": None} if draft.plain else {}
    if draft.message_id is not None:
        await bot.edit_message_text(
            draft.text,
            chat_id=draft.chat_id,
            message_id=draft.message_id,
            reply_markup=draft.markup,
            **mode,
        )
        return draft.message_id
    if draft.file is not None:
        return await _upload(bot, draft, draft.file)
    message = await bot.send_message(
        draft.chat_id,
        draft.text,
        message_thread_id=draft.topic_id,
        reply_parameters=_reply(draft),
        reply_markup=draft.markup,
        disable_notification=draft.silent,
        **mode,
    )
    return message.message_id


async def _upload(bot: Bot, draft: Draft, file: File) -> int:
    content = BufferedInputFile(file.content, file.name)
    send = bot.send_photo if file.picture else bot.send_document
    message = await send(
        draft.chat_id,
        content,
        caption=draft.text or None,
        message_thread_id=draft.topic_id,
        reply_parameters=_reply(draft),
        disable_notification=draft.silent,
    )
    return message.message_id


def _reply(draft: Draft) -> ReplyParameters | None:
    if draft.reply_to is None:
        return None
    return ReplyParameters(message_id=draft.reply_to, allow_sending_without_reply=True)


def meaning(error: Exception, draft: Draft) -> Outcome:  # noqa: C901, PLR0911  # one line an answer
    match error:
        case TelegramRetryAfter(retry_after=seconds):
            return Later(float(seconds))
        case TelegramMigrateToChat(migrate_to_chat_id=chat_id):
            return Moved(chat_id)
        case TelegramForbiddenError():
            return Closed(reason(error.message))
        case TelegramEntityTooLarge():
            return BadMarkup() if draft.file is not None else Dead(error.message)
        case TelegramUnauthorizedError() | TelegramNotFound():
            return Unreached(str(error))  # the token: no message's fault, and it may be mended
        case TelegramBadRequest():
            return _bad_request(error.message.lower(), draft)
        case TelegramNetworkError():
            cause = error.__cause__
            return (Unreached if isinstance(cause, ClientConnectorError) else Lost)(str(error))
        case ClientDecodeError(data={"ok": True, "result": {"message_id": int(number)}}):
            return Sent(number)  # done; only something in the answer is too new for us
        case ClientDecodeError() if "429" in str(error):
            return Later(30.0)
        case TelegramServerError() | ClientDecodeError() | TypeError():
            return Lost(type(error).__name__)
        case TelegramAPIError() if "too many requests" in str(error).lower():
            return Later(30.0)
        case _:
            return Lost(type(error).__name__)


def _bad_request(message: str, draft: Draft) -> Outcome:  # one line an answer
    if "message is not modified" in message and draft.message_id is not None:
        return Sent(draft.message_id)
    if any(text in message for text in GONE):
        return Gone()
    if any(text in message for text in NO_TOPIC) and draft.topic_id is not None:
        return NoTopic()
    # Files may be forbidden where texts are not.
    if draft.file is None and any(text in message for text in SHUT):
        return Closed(reason(message))
    if draft.file is not None or not draft.plain:
        return BadMarkup()  # whatever it dislikes: the same as text is better than nothing
    return Dead(message)


def reason(message: str) -> str:
    """Telegram's words without the class before them: "bot was blocked by the user"."""
    kind, _, words = message.partition(": ")
    return words if kind.lower() in {"forbidden", "bad request"} else message
