"""From the parameters of a call to the content of a message."""

from dataclasses import replace

from demo.telegram.chats import Chat
from demo.telegram.entities import detect
from demo.telegram.files import Stored, unknown_file
from demo.telegram.html_text import parse_html, trim, utf16
from demo.telegram.keyboards import read_markup
from demo.telegram.params import Params, Upload
from demo.telegram.refusals import bad_request
from demo.telegram.state import State
from demo.telegram.world import Json

TEXT_LENGTH, CAPTION_LENGTH = 4096, 1024
GENERAL_TOPIC = 1


def text_content(params: Params) -> Json:
    """Return `text` and `entities` of a text message."""
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LENGTH:
        raise bad_request("message is too long")
    return _content("text", "entities", text, entities)


def caption_content(params: Params) -> Json:
    """Return `caption` and `caption_entities`, or nothing when there is no caption."""
    text, entities = _formatted(params, "caption", "caption_entities")
    if len(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return _content("caption", "caption_entities", text, entities) if text else {}


def _content(text_name: str, entities_name: str, text: str, entities: list[Json]) -> Json:
    found = sorted([*entities, *detect(text, entities)], key=lambda each: int(each["offset"]))
    return {text_name: text} | ({entities_name: found} if found else {})


def _formatted(params: Params, name: str, entities_name: str) -> tuple[str, list[Json]]:
    raw = params.text(name)
    match params.text("parse_mode").lower():
        case "html":
            return trim(*parse_html(raw))
        case "":
            end = utf16(raw)
            given = params.parsed(entities_name) or []
            inside = [each for each in given if 0 <= each["offset"] < end]
            return trim(raw, [_shortened(each, end) for each in inside])
        case _:
            raise bad_request("unsupported parse_mode")


def _shortened(entity: Json, end: int) -> Json:
    return entity | {"length": min(int(entity["length"]), end - int(entity["offset"]))}


def markup_content(params: Params) -> Json:
    markup = read_markup(params.text("reply_markup"))
    return {"reply_markup": markup} if markup else {}


def place_content(chat: Chat, params: Params) -> Json:
    """Return the topic and the message replied to."""
    place: Json = {}
    thread = params.integer("message_thread_id")
    if thread:
        if thread not in chat.topics and not (chat.topics and thread == GENERAL_TOPIC):
            raise bad_request("message thread not found")
        place |= {"message_thread_id": thread, "is_topic_message": True}
    reply = params.parsed("reply_parameters") or {}
    target = int(reply.get("message_id") or params.integer("reply_to_message_id"))
    lenient = reply.get("allow_sending_without_reply") or params.flag(
        "allow_sending_without_reply"
    )
    if target in chat.messages:
        place["reply_to_message"] = quoted(chat, target)
    elif target and not lenient:
        raise bad_request("message to be replied not found")
    return place


def quoted(chat: Chat, message_id: int) -> Json:
    """Return a message as it stands in `reply_to_message`: without its own reply."""
    api = chat.messages[message_id].api
    return {key: value for key, value in api.items() if key != "reply_to_message"}


def media_content(state: State, params: Params, kind: str) -> Json:
    """Return `photo` or `document` from an upload, an attachment or a known file id."""
    stored = _stored(state, params, kind, params.text(kind))
    return {kind: stored.as_photo() if kind == "photo" else stored.as_document()}


def _stored(state: State, params: Params, kind: str, reference: str) -> Stored:
    name = reference.removeprefix("attach://") if reference else kind
    if upload := params.uploads.get(name):
        return keep_upload(state, upload, kind)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("attach://", "http://", "https://")):
        raise unknown_file()
    stored = state.files.known(reference)
    if kind == "photo" and not stored.width:
        raise bad_request("can't use file of type Document as Photo")
    return stored


def keep_upload(state: State, upload: Upload, kind: str) -> Stored:
    if kind == "photo":
        return state.files.keep_photo(upload)
    return state.files.keep_document(upload)


def media_edit(state: State, params: Params) -> Json:
    """Return the content that editMessageMedia puts in place of the old one."""
    media = params.parsed("media")
    if not isinstance(media, dict) or media.get("type") not in {"photo", "document"}:
        raise bad_request("can't parse InputMedia: media type is not supported here")
    kind = str(media["type"])
    values = {
        "caption": str(media.get("caption") or ""),
        "parse_mode": str(media.get("parse_mode") or ""),
    }
    stored = _stored(state, params, kind, str(media.get("media") or ""))
    content: Json = {kind: stored.as_photo() if kind == "photo" else stored.as_document()}
    return content | caption_content(replace(params, values=values))
