"""Entities: found in plain text, checked when sent, rendered as HTML for the page and tests."""

import re
from html import escape

from demo.telegram.html_text import utf16
from demo.telegram.world import Json

COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<bot_command>(?<![\w/@<.:])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})"
)
_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
    "mention": ('<span class="mention">', "</span>"),
    "bot_command": ('<span class="command">', "</span>"),
}
_SAFE_URL = re.compile(r"(?:https?|tg|mailto|tel):", re.IGNORECASE)


def detect(text: str, taken: list[Json] | None = None) -> list[Json]:
    """Find commands, links and mentions outside the entities already there."""
    if "/" not in text and "@" not in text:
        return []
    closed = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in taken or ()
        if entity["type"] in {"code", "pre", "text_link", "url", "bot_command", "mention"}
    ]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        offset, length = utf16(text[: match.start()]), utf16(match.group())
        if not any(offset < stop and start < offset + length for start, stop in closed):
            found.append({"type": str(match.lastgroup), "offset": offset, "length": length})
    return found


def render(text: str, entities: list[Json]) -> str:
    """Return HTML that shows the text with its entities; everything else is escaped."""
    if not entities:
        return escape(text)
    opens, closes = _edges(text, entities)
    pieces: list[str] = []
    at = 0
    for place in sorted(opens.keys() | closes.keys()):
        pieces.append(escape(text[at:place]))
        pieces.extend(closes.get(place, ()))
        pieces.extend(opens.get(place, ()))
        at = place
    pieces.append(escape(text[at:]))
    return "".join(pieces)


def _edges(text: str, entities: list[Json]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Return opening and closing tags by code point: outer tags open first, close last."""
    at = _code_points(text)
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda each: (each["offset"], -each["length"])):
        start = at[min(entity["offset"], len(at) - 1)]
        stop = at[min(entity["offset"] + entity["length"], len(at) - 1)]
        before, after = _tag(entity, text[start:stop])
        opens.setdefault(start, []).append(before)
        closes.setdefault(stop, []).insert(0, after)
    return opens, closes


def _code_points(text: str) -> list[int]:
    """Return the code point index of every UTF-16 unit, and of the end."""
    if text.isascii():
        return list(range(len(text) + 1))
    places: list[int] = []
    for index, character in enumerate(text):
        places.extend([index] * utf16(character))
    return [*places, len(text)]


def _tag(entity: Json, inside: str) -> tuple[str, str]:
    match entity["type"]:
        case "text_link" | "url":
            return _link(str(entity.get("url", inside)))
        case "pre":
            language = escape(str(entity.get("language", "")))
            return f'<pre data-language="{language}">' if language else "<pre>", "</pre>"
        case "date_time":
            shape = escape(str(entity.get("date_time_format", "")))
            return f'<tg-time unix="{int(entity["unix_time"])}" format="{shape}">', "</tg-time>"
        case kind:
            return _TAGS.get(kind, ("", ""))


def _link(url: str) -> tuple[str, str]:
    address = url if _SAFE_URL.match(url) else f"http://{url}"
    return f'<a href="{escape(address)}" target="_blank" rel="noreferrer noopener">', "</a>"
