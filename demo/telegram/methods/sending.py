"""Messages the bot sends."""

from demo.telegram.compose import (
    caption_content,
    markup_content,
    media_content,
    place_content,
    text_content,
)
from demo.telegram.params import Params
from demo.telegram.refusals import bad_request
from demo.telegram.state import State
from demo.telegram.world import Json

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "upload_document",
        "upload_video",
        "record_video",
        "record_voice",
        "upload_voice",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(state: State, params: Params) -> Json:
    return _send(state, params, "text")


def send_photo(state: State, params: Params) -> Json:
    return _send(state, params, "photo")


def send_document(state: State, params: Params) -> Json:
    return _send(state, params, "document")


def _send(state: State, params: Params, kind: str) -> Json:
    chat = state.reach(params)
    chat.check_writable()
    markup = markup_content(params)
    place = place_content(chat, params)
    if kind == "text":
        content = text_content(params)
        state.limits.spend(chat.id, state.clock())
    else:
        caption = caption_content(params)
        state.limits.spend(chat.id, state.clock())
        content = media_content(state, params, kind) | caption
    silent = params.flag("disable_notification")
    return state.post(chat, state.bot_user, place | content | markup, silent=silent).api


def send_chat_action(state: State, params: Params) -> bool:
    chat = state.reach(params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    if chat.read_only:
        raise bad_request("have no write access to the chat")
    state.journal.add("action", chat_id=chat.id, action=params.text("action"))
    return True


METHODS = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
}
