"""The log files that supervisord keeps of its programs: plain text, some lines with a time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bot.core.machine import LogLine
from bot.edges.services.lines import Redact, cleaned

_STAMP: Final = re.compile(
    r"\W{0,2}(?:[A-Z]+\W{1,3})?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?"
)


def parsed(text: str, redact: Redact, *, torn: bool) -> Iterator[LogLine]:
    """Give the lines; one without a time has that of the line before. `torn`: half a first one."""
    at: datetime | None = None
    for line in text.split("\n")[1 if torn else 0 :]:
        for shown in cleaned(line, redact):
            at = stamp(shown) or at
            if shown:
                yield LogLine(at=at, text=shown)


def stamp(line: str) -> datetime | None:
    """Read the time a line begins with; without a zone it is this machine's own."""
    found = _STAMP.match(line)
    if found is None:
        return None
    try:
        when = datetime.fromisoformat(f"{found[1]}{found[2] or ''}")
    except ValueError:
        return None
    return when.astimezone(UTC)


def since(lines: list[LogLine], begin: datetime) -> list[LogLine]:
    """Keep what is not known to be older."""
    return [one for one in lines if one.at is None or one.at >= begin]
