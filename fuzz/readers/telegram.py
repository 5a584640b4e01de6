"""What Telegram brings: updates, the data of buttons; and what goes out fits into a message."""

import json

from aiogram.types import Update
from pydantic import ValidationError

from bot.edges.telegram.fitting import LONGEST, fit, fit_html, size, units
from bot.edges.telegram.keyboards import Tap
from bot.edges.templates import plain
from fuzz._grown import Bytes, grown

LONGEST_DATA = 64  # bytes that Telegram takes
PEOPLE = {
    "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
    "chat": {"id": -1002, "type": "supergroup", "title": "Shop"},
}
MESSAGE = {"message_id": 1, "date": 1_764_072_000, "text": "/cash 30", **PEOPLE}
TAP = {"id": "1", "data": "a1:abc", "message": MESSAGE, "chat_instance": "x"}
NAMES = (
    *("update_id", "message", "callback_query", "my_chat_member", "from", "chat", "id", "text"),
    *("date", "message_id", "data", "type", "is_bot", "first_name", "title", "chat_instance"),
    *("private", "supergroup", "entities", "reply_to_message", "caption", "edited_message"),
)
SEEDS = (
    b"\x00" + json.dumps({"update_id": 1, "message": MESSAGE}).encode(),
    b"\x00" + json.dumps({"update_id": 1, "callback_query": {**TAP, **PEOPLE}}).encode(),
    b"\x01" + bytes(range(0xB0, 0xF0, 3)),
    b"\x02a1:" + b"A" * 22,
    b"\x03<b>a</b>\n<pre>1 &lt; 2\n" + b"x\n" * 50 + b"</pre>",
)


def one(data: bytes) -> None:
    source = Bytes(data)
    match source.next() % 4:
        case 0:
            _update(source.rest)
        case 1:
            _update(json.dumps({"update_id": 1, "message": grown(source, NAMES)}).encode())
        case 2:
            _tap(source.rest.decode("utf-8", "replace"))
        case _:
            _fits(source.next() * 16, source.rest.decode("utf-8", "replace"))


def _update(raw: bytes) -> None:
    try:
        Update.model_validate_json(raw)
    except ValidationError:
        return


def _tap(text: str) -> None:
    try:
        tap = Tap.unpack(text)
    except (TypeError, ValueError):  # what its filter takes for "not ours"
        return
    if len(text.encode()) <= LONGEST_DATA:
        assert tap.pack() == text


def _fits(times: int, text: str) -> None:
    long = text * (times + 1)
    assert units(fit(long)) <= LONGEST
    found = fit_html(long, lambda count: f"… {count} more lines")
    assert found is None or size(found) <= LONGEST
    assert units(fit(plain(long))) <= LONGEST
