"""Snapshots: what people see, kept as text beside the tests, and held to what a phone can show.

`UPDATE_SNAPSHOTS=1 pytest tests/…` (or `make snapshots`) writes them anew; whoever does so reads
every changed one before it is committed.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.keyboard import LONGEST as LABELS
from bot.core.keyboard import Keys, fitted
from bot.edges.grid import shown_width
from bot.edges.telegram.fitting import LONGEST
from bot.edges.templates import Templates
from demo.telegram.html_text import parse_html, utf16
from tests.checks.fakes import spaced

LABEL = LABELS[1]
WIDEST = 36  # columns of a phone in <pre>
BLOCK = re.compile(r"<pre>\n?(.*?)</pre>", re.DOTALL)
NO_PLURAL = "is|was|has|times|ms|waits|series|takes|does|opens"
PLURAL = re.compile(rf"(?<![\d.,\w/:\u202f\xa0#-])1 (?!(?:{NO_PLURAL})\b)[a-z]+s\b(?! ago)")
TOUCHING = re.compile(r"\d{4,}\u202f\d{3}|\d\u202f\d{4,}")  # two numbers without a space
RAW = re.compile(r"\d\.\d{4,}")  # a number that nobody rounded
MADE_OF = "-- made of "
UPDATE = bool(os.environ.get("UPDATE_SNAPSHOTS"))


def fits(html: str, keys: Keys = ()) -> None:
    """Fail unless Telegram takes this message and a phone shows it whole."""
    text, _ = parse_html(html)
    assert utf16(text) <= LONGEST
    assert utf16(html) <= LONGEST, "as sent"
    for block in BLOCK.findall(html):
        for line in parse_html(block)[0].splitlines():
            assert shown_width(line) <= WIDEST, line
    assert "\n\n\n" not in text, "a gap"
    assert not re.search(r"\bNone\b(?! [a-z])", text)
    for word in ("nan", "Undefined", "{'", "['", "datetime"):
        assert not re.search(rf"\b{re.escape(word)}\b", text), word
    assert not TOUCHING.search(text), TOUCHING.search(text)
    assert not RAW.search(text), RAW.search(text)
    assert not PLURAL.search(text), PLURAL.search(text)
    labels = [key.label for row in fitted(keys) for key in row]
    assert [one for one in labels if shown_width(one) > LABEL] == []


def drawn(html: str, keys: Keys = ()) -> str:
    """A message as it is kept: its HTML with plain spaces for narrow ones, its buttons below."""
    rows = ["[" + "] [".join(key.label for key in row) + "]" for row in fitted(keys)]
    return "\n".join([spaced(html).strip(), *rows]) + "\n"


class Noted(Templates):
    """The shipped templates, and the names of those that were used."""

    def __init__(self, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        super().__init__(zone=zone, clock=clock)
        self.used: set[str] = set()
        load = self._env._load_template  # noqa: SLF001  # each way to a template leads through it

        def noted(name: str, globals: object) -> object:  # noqa: A002  # Jinja's name
            found = load(name, globals)  # type: ignore[arg-type]  # handed on as it is
            self.used.add(name)
            return found

        self._env._load_template = noted  # type: ignore[method-assign,assignment]  # noqa: SLF001  # likewise

    def texts(self) -> list[str]:
        """Those that people read."""
        return sorted(name for name in self.used if name.endswith((".html.j2", ".txt.j2")))


@dataclass(kw_only=True)
class Sheet:
    """Several messages kept in one file, each under its name."""

    templates: Noted
    parts: list[str] = field(default_factory=list)

    def add(self, name: str, html: str, keys: Keys = ()) -> None:
        fits(html, keys)
        self.parts.append(f"== {name}\n{drawn(html, keys)}")

    def held(self, path: Path) -> None:
        held(path, "\n".join([*self.parts, made_of(self.templates)]))


def made_of(templates: Noted) -> str:
    """The last line of what is kept: the templates, so that one without a snapshot is found."""
    return f"{MADE_OF}{' '.join(templates.texts())}\n"


def held(path: Path, text: str) -> None:
    """Compare with what is kept; with UPDATE_SNAPSHOTS, keep this instead."""
    if UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    kept = path.read_text("utf-8").splitlines() if path.is_file() else []
    assert text.splitlines() == kept, (
        f"{path.name} reads otherwise now. If that is meant: UPDATE_SNAPSHOTS=1 pytest …, read it."
    )


def nothing_else(folder: Path, names: Iterable[str]) -> None:
    """No snapshot is left of what is there no more."""
    wanted = set(names)
    left = [one for one in folder.glob("*.html") if one.stem not in wanted]
    if UPDATE:
        for one in left:
            one.unlink()
        left = []
    assert left == []
