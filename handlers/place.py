"""Where an answer belongs."""

from dataclasses import dataclass

from aiogram import Bot
from aiogram.types import InaccessibleMessage, Message

from bot.core.records import Post
from handlers.sending import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer belongs; `edit`: the answer that it takes the place of."""

    bot: Bot
    target: Target
    edit: Post | None = None
    message_id: int | None = None  # of the answer to edit


def place_of(message: Message | InaccessibleMessage, *, reply: bool | None = None) -> Place:
    """Answer in the same chat and topic; in groups as a reply, so that it is clear to whom."""
    assert message.bot is not None  # noqa: S101  # aiogram binds every update to its bot
    quoted = message.chat.id < 0 if reply is None else reply
    return Place(
        bot=message.bot,
        target=Target(
            chat_id=message.chat.id,
            topic_id=topic_of(message),
            reply_to=message.message_id if quoted else None,
        ),
    )


def topic_of(message: Message | InaccessibleMessage) -> int | None:
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id
    return None
