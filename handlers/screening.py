"""What a message is to us: a command, chatter, or something dressed up as a command. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.enums import ChatType
from aiogram.types import Message, User

from bot.core.access import NOBODY
from bot.core.model import Phrase, phrase

STALE = timedelta(minutes=10)
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w{1,64}))?(?=\s|$)")
LONGEST_NAME = 64
MOST_WORDS, LONGEST_WORD = 500, 500  # a note may be long


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as somebody typed it; a message of words only has no name."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Words of a person in reply to a message of ours."""

    text: str
    to: int  # our message's number


def remark(message: Message, *, me: int) -> Remark | None:
    """None: no reply to us, or not of somebody's own words."""
    to, text = message.reply_to_message, message.text or message.caption
    if to is None or to.from_user is None or to.from_user.id != me or not text:
        return None
    if text.startswith("/") or message.sender_chat is not None or message.via_bot is not None:
        return None
    if message.forward_origin is not None or message.is_automatic_forward:
        return None
    return Remark(text, to.message_id)


def typed(message: Message, *, me: str, known: Collection[str]) -> Typed | None:
    """None: not meant for us. In groups everything but our own commands is other people's."""
    text = message.text or message.caption or ""
    private = message.chat.type == ChatType.PRIVATE
    found = COMMAND.match(text)
    if found is None:
        return Typed("") if private else None
    name, addressee = found[1].lower(), found[2]
    if addressee is not None and addressee.lower() != me.lower():
        return None
    if addressee is None and not private and name not in known:
        return None
    words = text[found.end() :].split()[:MOST_WORDS]
    return Typed(name, tuple(word[:LONGEST_WORD] for word in words))


def objection(message: Message, now: datetime) -> Phrase | None:
    """Why nobody's command may come like this, whoever sent it."""
    if message.sender_chat is not None or (message.from_user and message.from_user.id in NOBODY):
        return phrase("command_of_nobody")
    if message.forward_origin is not None or message.is_automatic_forward:
        return phrase("command_forwarded")
    if message.via_bot is not None:
        return phrase("command_via_bot")
    if message.text is None:
        return phrase("command_in_caption")
    if (age := now - message.date) > STALE:
        return phrase("command_stale", seconds=age.total_seconds())
    return None


def display_name(user: User) -> str:
    """A name that breaks no line and turns no text around; the id is what counts."""
    visible = "".join(sign if sign.isprintable() else " " for sign in user.full_name)
    return " ".join(visible.split())[:LONGEST_NAME] or str(user.id)
