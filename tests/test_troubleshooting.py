"""Documents say what the program says: each quoted line is one of its own."""

import re
from pathlib import Path

import pytest

from bot.__main__ import app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"(?m)^### `(.+)`$", DOCUMENT)
SOURCES = [
    path
    for folder, ending in (("bot", "*.py"), ("handlers", "*.py"), ("templates", "*.j2"))
    for path in (ROOT / folder).rglob(ending)
]
# A sentence may be split over two strings of the code.
SAID = re.sub(r'"\n\s*f?"', "", "\n".join(path.read_text(encoding="utf-8") for path in SOURCES))
COMMANDS = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]


def test_there_are_lines() -> None:
    assert len(QUOTED) == len(set(QUOTED)) > 15


@pytest.mark.parametrize("line", QUOTED)
def test_a_quoted_line_is_one_of_the_programs(line: str) -> None:
    parts = [part.strip() for part in line.split("…") if part.strip()]
    assert [part for part in parts if part not in SAID] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_is_documented(name: str) -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    assert re.search(rf"(-m bot|sovani-ops|make) {name}\b", text)
