"""Chats and messages as the page and the tests read them."""

from demo.telegram.chats import Chat, Kept
from demo.telegram.entities import render
from demo.telegram.state import State
from demo.telegram.world import Json

SNIPPET = 120
SHORT = 48


def message_view(chat: Chat, kept: Kept) -> Json:
    api = kept.api
    text, entities = _words(api)
    message_id = api["message_id"]
    return {
        "chat_id": chat.id,
        "message_id": message_id,
        "from": _sender(api),
        "out": kept.by_bot,
        "date": api["date"],
        "edit_date": api.get("edit_date"),
        "text": text,
        "html": render(text, entities),
        "buttons": [[_button(button) for button in row] for row in _rows(api)],
        "edits": kept.edits,
        "silent": kept.silent,
        "photo": _file_view(api["photo"][-1]) if "photo" in api else None,
        "document": _file_view(api["document"]) if "document" in api else None,
        "reply_to": _reply(api.get("reply_to_message")),
        "thread_id": api.get("message_thread_id"),
        "forwarded": "forward_origin" in api,
        "reactions": kept.reactions,
        "pinned": message_id in chat.pinned,
        "service": _service(api),
    }


def _words(api: Json) -> tuple[str, list[Json]]:
    if "text" in api:
        return api["text"], api.get("entities", [])
    return api.get("caption", ""), api.get("caption_entities", [])


def _sender(api: Json) -> Json:
    sender = api.get("sender_chat") or api.get("from") or {}
    return {
        "id": sender.get("id", 0),
        "name": sender.get("title") or sender.get("first_name", ""),
        "is_bot": bool(sender.get("is_bot")),
    }


def _rows(api: Json) -> list[list[Json]]:
    rows: list[list[Json]] = api.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def _button(button: Json) -> Json:
    return {
        "text": button["text"],
        "style": button.get("style"),
        "data": button.get("callback_data"),
        "url": button.get("url"),
        "copy": (button.get("copy_text") or {}).get("text"),
        "disabled": "disabled" in button,
    }


def _file_view(file: Json) -> Json:
    return {
        "file_id": file["file_id"],
        "url": f"/control/files/{file['file_id']}",
        "name": file.get("file_name", ""),
        "mime": file.get("mime_type", ""),
        "size": file["file_size"],
        "width": file.get("width"),
        "height": file.get("height"),
    }


def _reply(api: Json | None) -> Json | None:
    if not api:
        return None
    return {
        "message_id": api["message_id"],
        "name": _sender(api)["name"],
        "text": snippet(api),
    }


def snippet(api: Json) -> str:
    """Return one line that stands for a message in lists, replies and the pinned bar."""
    words = " ".join(_words(api)[0].split())[:SNIPPET]
    if "photo" in api:
        return f"🖼 {words or 'Photo'}"
    if "document" in api:
        return f"📎 {words or api['document'].get('file_name', 'File')}"
    return words or (_service(api) or "")


def shortened(words: str) -> str:
    return words if len(words) <= SHORT else f"{words[:SHORT].rstrip()}…"


def _service(api: Json) -> str | None:
    name = _sender(api)["name"]
    if "pinned_message" in api:
        return f"{name} pinned “{shortened(snippet(api['pinned_message']))}”"
    if "migrate_to_chat_id" in api:
        return "This group was upgraded to a supergroup"
    if "migrate_from_chat_id" in api:
        return "The group became a supergroup"
    return None


def chat_view(chat: Chat) -> Json:
    last = next(reversed(chat.messages.values()), None)
    pinned = [each for each in chat.pinned if each in chat.messages]
    return {
        "id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "members": sorted(chat.members),
        "admins": chat.admins,
        "bot_status": chat.bot_status,
        "migrated_to": chat.migrated_to,
        "last_id": chat.last_id,
        "last": {
            "name": _sender(last.api)["name"],
            "text": snippet(last.api),
            "date": last.api["date"],
        }
        if last
        else None,
        "pinned": {
            "message_id": pinned[-1],
            "text": snippet(chat.messages[pinned[-1]].api),
        }
        if pinned
        else None,
    }


def event_view(state: State, event: Json) -> Json:
    """Return an event with the message it is about, as the message is now."""
    chat = state.chats.get(event.get("chat_id", 0))
    kept = chat.messages.get(event.get("message_id", 0)) if chat else None
    if chat and kept and event["kind"] in {"message", "edit", "reaction", "pin"}:
        return event | {"message": message_view(chat, kept)}
    return event
