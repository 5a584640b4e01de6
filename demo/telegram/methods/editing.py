"""Messages that change after they were sent."""

from demo.telegram.chats import Chat, Kept
from demo.telegram.compose import caption_content, markup_content, media_edit, text_content
from demo.telegram.params import Params
from demo.telegram.refusals import NOT_MODIFIED, bad_request
from demo.telegram.state import State
from demo.telegram.world import Json

DELETE_WINDOW = 48 * 3600
REACTIONS = frozenset("👍👎❤🔥🥰👏😁🤔🤯😱😢🎉🙏👌💯⚡🏆👀🫡🤝✍🆒😴😎")
_CONTENT = ("text", "entities", "caption", "caption_entities", "photo", "document", "reply_markup")


def _own(state: State, params: Params) -> tuple[Chat, Kept]:
    chat = state.reach(params)
    if not params.text("message_id"):
        raise bad_request("message identifier is not specified")
    kept = chat.messages.get(params.integer("message_id"))
    if kept is None:
        raise bad_request("message to edit not found")
    if not kept.by_bot or "pinned_message" in kept.api:
        raise bad_request("message can't be edited")
    return chat, kept


def _replace(state: State, chat: Chat, kept: Kept, content: Json) -> Json:
    """Put new content in place of the old, unless they are equal."""
    before = {key: kept.api[key] for key in _CONTENT if key in kept.api}
    if before == content:
        raise bad_request(NOT_MODIFIED)
    state.limits.spend(chat.id, state.clock())
    rest = {key: value for key, value in kept.api.items() if key not in _CONTENT}
    kept.api = rest | content | {"edit_date": state.now()}
    kept.edits += 1
    state.journal.add("edit", chat_id=chat.id, message_id=kept.api["message_id"])
    return kept.api


def edit_text(state: State, params: Params) -> Json:
    chat, kept = _own(state, params)
    if "text" not in kept.api:
        raise bad_request("there is no text in the message to edit")
    markup = markup_content(params)
    return _replace(state, chat, kept, text_content(params) | markup)


def edit_caption(state: State, params: Params) -> Json:
    chat, kept = _own(state, params)
    media = {key: kept.api[key] for key in ("photo", "document") if key in kept.api}
    if not media:
        raise bad_request("there is no caption in the message to edit")
    return _replace(state, chat, kept, media | caption_content(params) | markup_content(params))


def edit_markup(state: State, params: Params) -> Json:
    chat, kept = _own(state, params)
    same = {key: kept.api[key] for key in _CONTENT[:-1] if key in kept.api}
    return _replace(state, chat, kept, same | markup_content(params))


def edit_media(state: State, params: Params) -> Json:
    chat, kept = _own(state, params)
    return _replace(state, chat, kept, media_edit(state, params) | markup_content(params))


def delete_message(state: State, params: Params) -> bool:
    chat = state.reach(params)
    kept = chat.messages.get(params.integer("message_id"))
    if kept is None:
        raise bad_request("message to delete not found")
    others = not kept.by_bot and chat.bot_status != "administrator" and chat.type != "private"
    if others or state.clock() - kept.api["date"] > DELETE_WINDOW:
        raise bad_request("message can't be deleted")
    drop_message(state, chat, params.integer("message_id"))
    return True


def drop_message(state: State, chat: Chat, message_id: int) -> None:
    del chat.messages[message_id]
    if message_id in chat.pinned:
        chat.pinned.remove(message_id)
    state.journal.add("delete", chat_id=chat.id, message_id=message_id)


def set_reaction(state: State, params: Params) -> bool:
    chat = state.reach(params)
    kept = chat.messages.get(params.integer("message_id"))
    if kept is None:
        raise bad_request("message to react not found")
    given = [str(each.get("emoji", "")) for each in params.parsed("reaction") or []]
    if any(emoji not in REACTIONS for emoji in given):
        raise bad_request("REACTION_INVALID")
    if len(given) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    kept.reactions = given
    state.journal.add("reaction", chat_id=chat.id, message_id=kept.api["message_id"])
    return True


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageMedia": edit_media,
    "deleteMessage": delete_message,
    "setMessageReaction": set_reaction,
}
