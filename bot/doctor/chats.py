"""Each configured chat: that the bot belongs to it, may send there, and finds the topic."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.core.model import Json, Phrase, phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor._telegram import UNKNOWN_TOKEN, Answer, Refused, Said, Silent, call, own_id
from bot.settings import Settings
from bot.settings_types import ChatRef

NUMBER: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """`own` is the bot's membership; in a private chat, whether it may write there."""

    place: ChatRef
    setting: str
    chat: Answer
    own: Answer

    @property
    def what(self) -> Phrase:
        values: dict[str, Json] = {"chat": self.place.chat, "topic": self.place.topic}
        return phrase("doctor_chat", setting=self.setting, **values)


async def examine(case: Case) -> Sequence[Result]:
    looks = [_look(case, place, name) for place, name in places(case.settings).items()]
    return [judge(sight) for sight in await asyncio.gather(*looks)]


def places(settings: Settings) -> Mapping[ChatRef, str]:
    """Every chat once, with the setting that names it."""
    return {
        **dict.fromkeys(settings.alert_chats, "ALERT_CHAT_IDS"),
        settings.admin_chat: "ADMIN_CHAT_ID",
    }


async def _look(case: Case, place: ChatRef, setting: str) -> Sight:
    chat = await call(case, "getChat", chat_id=place.chat)
    own: Answer = chat
    if isinstance(chat, Said) and chat.result.get("type") == "private":
        # Shows "typing" for a moment: Telegram has no quieter way to tell that it is blocked.
        own = await call(case, "sendChatAction", chat_id=place.chat, action="typing")
    elif isinstance(chat, Said):
        own = await call(case, "getChatMember", chat_id=place.chat, user_id=own_id(case.settings))
    return Sight(place=place, setting=setting, chat=chat, own=own)


def judge(sight: Sight) -> Result:
    match (sight.chat, sight.own):
        case (Silent(), _) | (_, Silent()):
            return skipped(sight.what, phrase("doctor_needs_telegram"))
        case (Refused() as refused, _) | (_, Refused() as refused):
            return _refused(sight, refused)
        case (Said(chat), Said(own)):
            return _allowed(sight, chat, own)
        case _:
            raise AssertionError(sight)


def _refused(sight: Sight, refused: Refused) -> Result:
    if refused.code in UNKNOWN_TOKEN:
        return skipped(sight.what, phrase("doctor_needs_telegram"))
    if refused.moved_to is not None:
        mend = phrase("doctor_mend_moved", setting=sight.setting, id=refused.moved_to)
        return uneasy(sight.what, phrase("doctor_chat_moved", id=refused.moved_to), mend)
    said = phrase("doctor_telegram_refused", said=refused.words)
    key = "doctor_mend_private" if sight.place.chat > 0 else "doctor_mend_group"
    return ill(sight.what, said, phrase(key))


def _allowed(sight: Sight, chat: Mapping[str, Any], own: Mapping[str, Any]) -> Result:
    kind, title = str(chat.get("type")), str(chat.get("title") or chat.get("first_name") or "")
    if kind == "private":
        return fine(sight.what, phrase("doctor_chat_fine", title=title, kind=kind, status=None))
    status = str(own.get("status"))
    if status in {"left", "kicked"}:
        return ill(sight.what, phrase("doctor_chat_outside"), phrase("doctor_mend_group"))
    if not _may_send(kind, chat, own):
        mute = phrase("doctor_chat_mute", title=title, status=status)
        return ill(sight.what, mute, phrase("doctor_mend_mute"))
    if sight.place.topic is not None and not chat.get("is_forum"):
        flat = phrase("doctor_chat_no_topics", title=title)
        return ill(sight.what, flat, phrase("doctor_mend_topics", setting=sight.setting))
    return fine(sight.what, phrase("doctor_chat_fine", title=title, kind=kind, status=status))


def _may_send(kind: str, chat: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Read the right from what Telegram says of the bot and of everybody in the chat."""
    match own.get("status"):
        case "creator":
            return True
        case "administrator":
            return kind != "channel" or own.get("can_post_messages") is True
        case "restricted":
            return own.get("is_member") is True and own.get("can_send_messages") is True
        case _:
            permissions = chat.get("permissions") or {}
            return kind != "channel" and permissions.get("can_send_messages") is not False
