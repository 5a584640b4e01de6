"""What a log line becomes before anybody sees it: text, cleaned, masked, not too long."""

import re
from collections.abc import Callable, Iterator
from typing import Final

LONGEST: Final = 300  # characters of one line
_READ: Final = 4_000  # characters of a line that are looked at
_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])?|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")

Redact = Callable[[str], str]


def cleaned(text: str, redact: Redact) -> Iterator[str]:
    """Give the lines of a message; secrets go before anything is cut, or half of one stays."""
    plain = _ESCAPES.sub("", text)
    for line in plain.splitlines() or [""]:
        whole = _CONTROLS.sub("", line).replace("\t", "    ").rstrip()
        shown = redact(whole[:_READ])
        if len(whole) > _READ:
            shown = shown[:-LONGEST]  # it may end in a half of something secret
        yield shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
