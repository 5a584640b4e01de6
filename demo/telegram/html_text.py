"""Telegram's HTML, parsed as its server parses it: same tags, same refusals, same offsets.

Follows `do_parse_html` of tdlib: an unknown named entity is kept as it stands, the offsets of
refusals count bytes, those of entities count UTF-16 units.
"""

import re
from dataclasses import dataclass, field

from demo.telegram.refusals import Refusal, bad_request
from demo.telegram.world import Json

STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
TEXT_BYTES = 32768
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot));?")
_PLAIN = re.compile(r"[^<&]+")
_SPACE = " \t\r\n\v\0"
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int
    order: int


@dataclass(slots=True)
class _Parser:
    source: str
    at: int = 0
    width: int = 0
    text: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    entities: list[tuple[int, Json]] = field(default_factory=list)

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self._step()
        if self.opened:
            tag = self.opened[-1].tag
            raise self._refuse(f'Can\'t find end tag corresponding to start tag "{tag}"')
        self.entities.sort(key=lambda pair: (pair[1]["offset"], -pair[1]["length"], pair[0]))
        return "".join(self.text), [entity for _, entity in self.entities]

    def _step(self) -> None:
        if plain := _PLAIN.match(self.source, self.at):
            self._emit(plain.group())
            self.at = plain.end()
        elif self.source[self.at] == "&":
            character, self.at = _character(self.source, self.at)
            self._emit(character)
        elif self.source.startswith("</", self.at):
            self._end_tag()
        else:
            self._start_tag()

    def _emit(self, piece: str) -> None:
        self.text.append(piece)
        self.width += utf16(piece)

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else "\0"

    def _until(self, stops: str) -> str:
        begin = self.at
        while self.at < len(self.source) and self.source[self.at] not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _skip_space(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in _SPACE:
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._until(_SPACE + ">").lower()
        if self.at >= len(self.source):
            raise self._refuse("Unclosed start tag", begin)
        if name not in STYLES:
            raise self._refuse(f'Unsupported start tag "{name}"', begin)
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._peek() == ">":
                break
            self._attribute(name, begin, attributes)
        self.at += 1
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._refuse('Tag "span" must have class "tg-spoiler"', begin)
        if name == "tg-time":
            self._check_time(attributes, begin)
        self.opened.append(_Open(name, attributes, self.width, len(self.entities)))

    def _attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
        name = self._until(_SPACE + "=>/\"'")
        if self.at >= len(self.source):
            raise self._refuse(f'Unclosed start tag "{tag}"', begin)
        if not name:
            raise self._refuse(f'Empty attribute name in the tag "{tag}"', begin)
        self._skip_space()
        if self._peek() != "=":
            attributes[name] = ""
            return
        self.at += 1
        self._skip_space()
        quote = self._peek()
        attributes[name] = self._quoted(quote) if quote in "\"'" else self._token()
        if self.at >= len(self.source):
            raise self._refuse("Unclosed start tag", begin)

    def _token(self) -> str:
        begin = self.at
        while self._peek().isalnum() or self._peek() in ".-":
            self.at += 1
        if self._peek() not in _SPACE + ">":
            raise self._refuse("Unexpected end of name token", begin)
        return self.source[begin : self.at].lower()

    def _quoted(self, quote: str) -> str:
        self.at += 1
        value: list[str] = []
        while self.at < len(self.source) and self.source[self.at] != quote:
            character, self.at = _character(self.source, self.at)
            value.append(character)
        self.at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.opened:
            raise self._refuse("Unexpected end tag", begin)
        self.at += 2
        name = self._until(_SPACE + ">")
        self._skip_space()
        if self._peek() != ">":
            raise self._refuse("Unclosed end tag", begin)
        self.at += 1
        last = self.opened.pop()
        if name and name != last.tag:
            found = f'expected "</{last.tag}>", found "</{name}>"'
            raise self._refuse("Unmatched end tag", begin, found)
        if self.width > last.start:
            self._close(last)

    def _close(self, tag: _Open) -> None:
        found: Json = {
            "type": STYLES[tag.tag],
            "offset": tag.start,
            "length": self.width - tag.start,
        }
        match tag.tag:
            case "a":
                if not (url := tag.attributes.get("href", "")):
                    return
                found["url"] = url
            case "blockquote" if "expandable" in tag.attributes:
                found["type"] = "expandable_blockquote"
            case "tg-emoji":
                found["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
            case "tg-time":
                found["unix_time"] = int(tag.attributes["unix"])
                if shape := tag.attributes.get("format"):
                    found["date_time_format"] = shape
            case "pre":
                self._language(found)
            case "code":
                language = tag.attributes.get("class", "")
                if language.startswith("language-"):
                    found["_language"] = language.removeprefix("language-")
            case _:
                pass
        self.entities.append((tag.order, found))

    def _check_time(self, attributes: dict[str, str], begin: int) -> None:
        if not re.fullmatch(r"[0-9]{1,18}", attributes.get("unix", "")):
            raise self._refuse('Tag "tg-time" must have a valid attribute "unix"', begin)
        if not _TIME_FORMAT.fullmatch(attributes.get("format", "")):
            raise self._refuse('Tag "tg-time" has an invalid attribute "format"', begin)

    def _language(self, found: Json) -> None:
        """Let `<pre><code class="language-x">` become one `pre` that knows its language."""
        if not self.entities:
            return
        _, inner = self.entities[-1]
        if inner["type"] == "code" and (inner["offset"], inner["length"]) == (
            found["offset"],
            found["length"],
        ):
            self.entities.pop()
            if language := inner.get("_language"):
                found["language"] = language

    def _refuse(self, words: str, at: int | None = None, more: str = "") -> Refusal:
        place = "" if at is None else f" at byte offset {len(self.source[:at].encode())}"
        return bad_request(f"can't parse entities: {words}{place}{', ' if more else ''}{more}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the text and its entities; raise the refusal Telegram would give."""
    if len(source.encode(errors="replace")) > TEXT_BYTES:
        raise bad_request("text is too long")
    text, entities = _Parser(source).run()
    for entity in entities:
        entity.pop("_language", None)
    return text, entities


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut white space at both ends, as the server does, and move the entities along."""
    lead = utf16(text) - utf16(text.lstrip())
    trimmed = text.strip()
    if trimmed == text:
        return text, entities
    end = utf16(trimmed)
    kept: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return trimmed, kept


def utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _character(source: str, at: int) -> tuple[str, int]:
    """Return the character at a place and where the next one begins."""
    found = _CHARACTER.match(source, at)
    if not found:
        return source[at], at + 1
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED[name], found.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code > _LAST_CHARACTER or code in _SURROGATES:
        return source[at], at + 1
    return chr(code), found.end()
