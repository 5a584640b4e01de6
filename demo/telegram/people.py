"""What people do in the chats: speak, tap, edit, delete, block, kick, and what they forge."""

from dataclasses import dataclass
from typing import Literal

from demo.telegram.chats import BotStatus, Chat, Kept
from demo.telegram.compose import quoted
from demo.telegram.entities import detect
from demo.telegram.methods.chats import bot_member
from demo.telegram.methods.editing import drop_message
from demo.telegram.params import Upload
from demo.telegram.state import Query, State
from demo.telegram.world import Json, Room

ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
CHANNEL = {"id": -1009990000001, "type": "channel", "title": "Shop news"}
PIXEL = (  # a caption needs a picture
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
As = Literal["", "anonymous", "channel", "auto_forward"]


class ActError(ValueError):
    """A person cannot do that; the text says why."""


@dataclass(frozen=True, slots=True)
class Say:
    user: int
    text: str
    chat: int = 0  # 0: the person's private chat with the bot
    reply_to: int = 0
    thread: int = 0
    caption: bool = False
    sent_as: As = ""
    forward_from: int = 0
    force: bool = False


def say(state: State, act: Say) -> tuple[Kept, int | None]:
    """Put a person's message into a chat; return it and the id of the update it made."""
    chat = entered(state, act.user, act.chat or act.user, force=act.force)
    if chat.bot_status == "not_started":
        chat.bot_status = "member"
    sender, content = _sender(state, chat, act)
    content |= _words(state, act)
    if act.thread:
        content |= {"message_thread_id": act.thread, "is_topic_message": True}
    if act.reply_to in chat.messages:
        content["reply_to_message"] = quoted(chat, act.reply_to)
    if act.forward_from:
        origin = _person(state, act.forward_from)
        content["forward_origin"] = {"type": "user", "sender_user": origin, "date": state.now()}
    kept = state.post(chat, sender, content)
    kind = "channel_post" if chat.type == "channel" else "message"
    return kept, deliver(state, chat, kind, kept.api)


def _words(state: State, act: Say) -> Json:
    entities = detect(act.text)
    if act.caption:
        photo = state.files.keep_photo(Upload("photo.png", "image/png", PIXEL)).as_photo()
        words: Json = {"photo": photo, "caption": act.text}
        return words | ({"caption_entities": entities} if entities else {})
    return {"text": act.text} | ({"entities": entities} if entities else {})


def _sender(state: State, chat: Chat, act: Say) -> tuple[Json | None, Json]:
    if chat.type == "channel":
        return None, {"sender_chat": chat.as_chat()}
    match act.sent_as:
        case "":
            return _person(state, act.user), {}
        case "anonymous":
            return ANONYMOUS, {"sender_chat": chat.as_chat()}
        case "channel":
            return CHANNEL_BOT, {"sender_chat": CHANNEL}
        case "auto_forward":
            origin = {"type": "channel", "chat": CHANNEL, "message_id": 1, "date": state.now()}
            content = {"sender_chat": CHANNEL, "is_automatic_forward": True}
            return TELEGRAM, content | {"forward_origin": origin}


def _person(state: State, user_id: int) -> Json:
    if user_id not in state.people:
        raise ActError(f"nobody has the id {user_id}")
    return state.people[user_id].as_user()


def entered(state: State, user_id: int, chat_id: int, *, force: bool = False) -> Chat:
    """Return a chat in which a person can act."""
    _person(state, user_id)
    if chat_id not in state.chats:
        raise ActError(f"there is no chat {chat_id}")
    chat = state.chats[chat_id]
    if user_id not in chat.members and not force:
        raise ActError(f'{user_id} is not a member of {chat_id}; add "force": true to act anyway')
    if chat.migrated_to is not None and not force:
        raise ActError(f"{chat_id} was upgraded to {chat.migrated_to}")
    return chat


def deliver(state: State, chat: Chat, kind: str, payload: Json) -> int | None:
    """Queue an update, unless the bot cannot see the chat."""
    return state.updates.push(kind, payload) if chat.closed() is None else None


@dataclass(frozen=True, slots=True)
class Tap:
    user: int
    message_id: int
    chat: int = 0
    text: str = ""  # the button's label …
    data: str = ""  # … or its data
    forged: bool = False  # send data that no button of the message has
    inaccessible: bool = False  # as for a message too old for the bot to see
    force: bool = False


def tap(state: State, act: Tap) -> Query:
    """Press a button; return the query, whose answer comes later."""
    chat = entered(state, act.user, act.chat or act.user, force=act.force)
    kept = chat.messages.get(act.message_id)
    if kept is None and not act.inaccessible:
        raise ActError(f"there is no message {act.message_id} in {chat.id}")
    data = act.data if act.forged or kept is None else find_button(kept.api, act)
    query = state.ask(act.user, chat.id, act.message_id, data)
    gone = {"message_id": act.message_id, "chat": chat.as_chat(), "date": 0}
    payload = {
        "id": query.id,
        "from": _person(state, act.user),
        "message": gone if act.inaccessible or kept is None else kept.api,
        "chat_instance": str(chat.id),
        "data": data,
    }
    state.journal.add("tap", **query.as_json())
    deliver(state, chat, "callback_query", payload)
    return query


def find_button(message: Json, act: Tap) -> str:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    for button in buttons:
        if act.data and button.get("callback_data") == act.data:
            return act.data
        if not act.data and button["text"] == act.text:
            if "callback_data" not in button:
                raise ActError(f"the button {act.text!r} sends nothing to the bot")
            return str(button["callback_data"])
    labels = ", ".join(button["text"] for button in buttons) or "none"
    raise ActError(f"no such button; the message has: {labels}")


def edit(state: State, user_id: int, chat_id: int, message_id: int, text: str) -> Kept:
    chat = entered(state, user_id, chat_id)
    kept = _own(chat, user_id, message_id)
    rest = {key: value for key, value in kept.api.items() if key not in {"text", "entities"}}
    entities = detect(text)
    kept.api = rest | {"text": text, "edit_date": state.now()}
    kept.api |= {"entities": entities} if entities else {}
    kept.edits += 1
    state.journal.add("edit", chat_id=chat.id, message_id=message_id)
    deliver(state, chat, "edited_message", kept.api)
    return kept


def _own(chat: Chat, user_id: int, message_id: int) -> Kept:
    kept = chat.messages.get(message_id)
    if kept is None or kept.api.get("from", {}).get("id") != user_id:
        raise ActError(f"{user_id} has no message {message_id} in {chat.id}")
    return kept


def delete(state: State, user_id: int, chat_id: int, message_id: int) -> None:
    """Delete a message as a person: any in a private chat or as an admin, else one's own."""
    chat = entered(state, user_id, chat_id)
    if message_id not in chat.messages:
        raise ActError(f"there is no message {message_id} in {chat_id}")
    if chat.type != "private" and user_id not in chat.admins:
        _own(chat, user_id, message_id)
    drop_message(state, chat, message_id)


def set_bot_status(state: State, chat_id: int, user_id: int, status: BotStatus) -> None:
    """Block, kick, promote or bring back the bot; it is told by `my_chat_member`."""
    chat = entered(state, user_id, chat_id, force=True)
    before = bot_member(state, chat)
    chat.bot_status = status
    payload = {
        "chat": chat.as_chat(),
        "from": _person(state, user_id),
        "date": state.now(),
        "old_chat_member": before,
        "new_chat_member": bot_member(state, chat),
    }
    state.updates.push("my_chat_member", payload)
    state.journal.add("chat", chat_id=chat_id)


def migrate(state: State, chat_id: int, user_id: int) -> int:
    """Turn a group into a supergroup with a new id, as Telegram does; return the new id."""
    chat = entered(state, user_id, chat_id)
    if chat.type == "private":
        raise ActError("a private chat cannot become a supergroup")
    new_id = min(-1002000000000, *(each - 1 for each in state.chats))
    bot_is_admin = chat.bot_status == "administrator"
    new = state.add_room(
        Room(
            new_id,
            chat.title,
            "supergroup",
            tuple(chat.members),
            tuple(chat.admins),
            bot_is_admin=bot_is_admin,
        )
    )
    person = _person(state, user_id)
    old_note = state.post(chat, person, {"migrate_to_chat_id": new_id})
    new_note = state.post(new, person, {"migrate_from_chat_id": chat_id})
    state.updates.push("message", old_note.api)
    state.updates.push("message", new_note.api)
    chat.migrated_to = new_id
    state.journal.add("chat", chat_id=chat_id)
    return new_id
