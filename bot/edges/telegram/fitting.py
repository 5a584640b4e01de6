"""Texts that fit into one message: whole lines go, a tag is never cut. Pure."""

import re
from collections.abc import Callable

from bot.edges.templates import plain

LONGEST = 4096  # UTF-16 units, to be on the safe side of Telegram's count
LONGEST_CAPTION = 1024
ROOM = 60  # for the line that says how much is missing
TAG = re.compile(r"<(/?)[a-z][^<>]*>")


def size(text: str) -> int:
    """How long Telegram takes HTML to be."""
    return units(plain(text))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def too_long(text: str, longest: int = LONGEST) -> bool:
    return size(text) > longest


def fit_html(text: str, more: Callable[[int], str], longest: int = LONGEST) -> str | None:
    """As many whole lines as fit, and `more(n)` for the rest; None: it cannot be cut well."""
    if not too_long(text, longest):
        return text
    lines = text.split("\n")
    room, depth, end = longest - ROOM, 0, 0
    for number, line in enumerate(lines, start=1):
        room -= size(line) + 1
        if room < 0:
            break
        depth += sum(-1 if tag[1] else 1 for tag in TAG.finditer(line))
        end = end if depth else number
    missing = sum(1 for line in lines[end:] if line.strip())
    return "\n".join([*lines[:end], more(missing)]) if end else None


def fit(text: str, longest: int = LONGEST) -> str:
    """Whole lines of plain text, as many as Telegram takes; of one endless line its beginning."""
    if units(text) <= longest:
        return text
    kept: list[str] = []
    room = longest - 2
    for line in text.splitlines():
        room -= units(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "…"]) if kept else f"{text[: longest // 2 - 1]}…"
