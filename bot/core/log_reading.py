"""What a log says, made short: tracebacks put together, what repeats counted. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.core.machine import LogLine

BEGIN: Final = "Traceback (most recent call last):"
CHAINED: Final = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
ERROR_PRIORITY: Final = 3
ERROR, TRACEBACK = "error", "traceback"  # filters that mean more than their word
_FRAME: Final = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?')
_CHANGING: Final = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+", re.IGNORECASE)
_MOST_FRAMES: Final = 200


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    name: str

    @property
    def short(self) -> str:
        """Such as `jobs.py:41 collect`."""
        return f"{self.file.rsplit('/', 1)[-1]}:{self.line} {self.name}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that the log says. A traceback's `text` is its exception; the last frame first."""

    text: str
    lines: Sequence[str]
    first_at: datetime | None
    last_at: datetime | None
    count: int = 1
    error: bool = False
    traceback: bool = False
    frames: Sequence[Frame] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes two of them the same: tracebacks end alike, messages differ in numbers."""
        if self.traceback:
            return self.frames[0].short if self.frames else "…", _CHANGING.sub("#", self.text)
        return "", _CHANGING.sub("#", self.text)


def entries(lines: Iterable[LogLine]) -> list[Entry]:
    """Put tracebacks together, line by line of one process, as printing them has torn them."""
    found: list[Entry] = []
    open_traces: dict[int | None, list[LogLine]] = {}
    for line in lines:
        trace = open_traces.get(line.pid)
        if trace is None:
            if BEGIN in line.text:
                open_traces[line.pid] = [line]
            elif line.text.strip():
                found.append(_plain(line))
            continue
        trace.append(line)
        if _ends(line.text):
            found.append(_trace(open_traces.pop(line.pid)))
    found += [_trace(one) for one in open_traces.values()]  # cut off by the end of what was read
    return _chained(found)


def _ends(text: str) -> bool:
    """The exception itself is the first line that is not indented."""
    return bool(text.strip()) and not text.startswith((" ", "\t", "|")) and BEGIN not in text


def _plain(line: LogLine) -> Entry:
    error = line.priority is not None and line.priority <= ERROR_PRIORITY
    return Entry(
        text=line.text,
        lines=[line.text],
        first_at=line.at,
        last_at=line.at,
        error=error or ERROR in line.text.lower(),
    )


def _trace(lines: Sequence[LogLine]) -> Entry:
    texts = [line.text for line in lines]
    frames = [
        Frame(found["file"], int(found["line"]), found["name"] or "")
        for text in texts[:_MOST_FRAMES]
        if (found := _FRAME.match(text))
    ]
    whole = len(texts) > 1 and _ends(texts[-1])
    return Entry(
        text=texts[-1].strip() if whole else "…",
        lines=texts,
        first_at=lines[0].at,
        last_at=lines[-1].at,
        error=True,
        traceback=True,
        frames=frames[::-1],
    )


def _chained(found: Sequence[Entry]) -> list[Entry]:
    """Join a traceback with those it was raised from: the last is what came out."""
    joined: list[Entry] = []
    for entry in found:
        if (
            entry.traceback
            and len(joined) > 1
            and joined[-1].text in CHAINED
            and joined[-2].traceback
        ):
            link, before = joined.pop(), joined.pop()
            joined.append(
                replace(
                    entry,
                    lines=[*before.lines, *link.lines, *entry.lines],
                    first_at=before.first_at,
                )
            )
        else:
            joined.append(entry)
    return joined


def matching(found: Iterable[Entry], word: str) -> list[Entry]:
    """Keep what has the word in it, in capitals or not; it is never a pattern."""
    wanted = word.strip().lower()
    match wanted:
        case "":
            return list(found)
        case "traceback":
            return [one for one in found if one.traceback]
        case "error":
            return [one for one in found if one.error]
        case _:
            return [one for one in found if any(wanted in line.lower() for line in one.lines)]


def grouped(found: Iterable[Entry]) -> list[Entry]:
    """Count what is the same; each shown as it was last, in the order in which it was last."""
    groups: dict[tuple[str, str], Entry] = {}
    for entry in found:
        before = groups.pop(entry.key, None)
        groups[entry.key] = (
            entry
            if before is None
            else replace(entry, count=before.count + entry.count, first_at=before.first_at)
        )
    return list(groups.values())


def told(found: Iterable[Entry]) -> list[Entry]:
    """Count tracebacks over all of it, messages only where they repeat in a row.

    So the order of events can still be read, and no traceback buries them.
    """
    kept: list[Entry] = []
    for entry in _last_tracebacks(list(found)):
        if kept and kept[-1].key == entry.key:
            before = kept.pop()
            entry = replace(entry, count=before.count + 1, first_at=before.first_at)  # noqa: PLW2901  # the same entry, counted
        kept.append(entry)
    return kept


def _last_tracebacks(found: Sequence[Entry]) -> Iterable[Entry]:
    counted = {one.key: one for one in grouped(one for one in found if one.traceback)}
    last = {entry.key: at for at, entry in enumerate(found) if entry.traceback}
    for at, entry in enumerate(found):
        if not entry.traceback:
            yield entry
        elif last[entry.key] == at:
            yield counted[entry.key]


def bare(text: str) -> str:
    """Leave out the time that a line begins with: it is shown beside it."""
    return _STAMP.sub("", text, count=1) or text


_STAMP: Final = re.compile(
    r"^\W{0,2}\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?[\])]?[\s:,-]*"
)
