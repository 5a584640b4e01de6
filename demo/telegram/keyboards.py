"""Inline keyboards: what Telegram takes and what it refuses."""

import json

from demo.telegram.refusals import bad_request
from demo.telegram.world import Json

BUTTONS, BUTTONS_IN_A_ROW = 100, 8
DATA_BYTES = 64
COPY_LENGTH = 256
STYLES = frozenset({"danger", "success", "primary"})
ACTIONS = frozenset(
    {
        "callback_data",
        "url",
        "copy_text",
        "disabled",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "pay",
    }
)
_LINKS = ("http://", "https://", "tg://")


def read_markup(raw: str | None) -> Json | None:
    """Return the inline keyboard, or None when there is none. Other keyboards pass unchecked."""
    if not raw:
        return None
    try:
        markup = json.loads(raw)
    except ValueError:
        raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array of Array')
    kept = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, kept)) > BUTTONS or any(len(row) > BUTTONS_IN_A_ROW for row in kept):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _button(button: object) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise _unparsable('Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if button.get("style") is not None and button["style"] not in STYLES:
        raise _unparsable("invalid button style specified")
    actions = [action for action in ACTIONS if button.get(action) is not None]
    if not actions:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    _check_action(actions[0], button[actions[0]])
    return button


def _check_action(action: str, value: object) -> None:
    match action:
        case "callback_data":
            if not isinstance(value, str) or not 1 <= len(value.encode()) <= DATA_BYTES:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            if not isinstance(value, str) or not value.startswith(_LINKS):
                raise bad_request(
                    f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL"
                )
        case "copy_text":
            copied = value.get("text") if isinstance(value, dict) else None
            if not isinstance(copied, str) or not 1 <= len(copied) <= COPY_LENGTH:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case _:
            pass


def _unparsable(words: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {words}")
