"""journald through `journalctl`: bounded in lines, bytes and seconds, and read with least rights.

A reader outside the group systemd-journal is not refused: it silently sees less. So what
journalctl says beside its answer is read too.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.core.machine import LogLine, LogLines
from bot.core.model import Source, Unreadable, phrase
from bot.edges.services.lines import Redact, cleaned
from bot.edges.services.programs import Answer, run
from bot.edges.shop.threads import Threads

_FIELDS: Final = "MESSAGE,PRIORITY,_PID"
_MOST_BYTES: Final = 16_000_000
DIGITS: Final = 20  # of journald's longest number
_BLIND: Final = ("insufficient permissions", "not seeing messages")
_NONE: Final = "No journal files were found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """`command` runs journalctl; `seconds` limit one reading of it."""

    redact: Redact
    command: Sequence[str] = ("journalctl",)
    seconds: float = 10.0
    most_bytes: int = _MOST_BYTES
    threads: Threads = field(default_factory=lambda: Threads("journal", workers=1))

    async def lines(self, unit: str, since: datetime, *, most: int) -> LogLines:
        argv = [
            *self.command,
            f"--unit={unit}",  # a checked name: no glob
            f"--since=@{int(since.timestamp())}",
            f"--lines={most}",
            "--reverse",  # what is too much is the oldest
            "--all",  # a traceback sent as one message is longer than journalctl shows else
            "--output=json",
            f"--output-fields={_FIELDS}",
            "--no-pager",
        ]
        try:
            answer = await run(argv, most_bytes=self.most_bytes, seconds=self.seconds)
        except TimeoutError:
            raise _unreadable("journal_too_slow", seconds=self.seconds) from None
        except OSError:
            raise _unreadable("journal_no_program") from None
        _refuse(answer)
        found = await self.threads.run(lambda _: parsed(answer.out, self.redact))
        full = answer.code is None or answer.out.count(b"\n") >= most
        oldest = found[0].at if found and full else None
        return LogLines(unit=unit, lines=found, cut=full, whole_from=oldest)


def _refuse(answer: Answer) -> None:
    if any(word in answer.said for word in _BLIND):
        raise _unreadable("journal_denied")
    if _NONE in answer.said:
        raise _unreadable("journal_none")
    if answer.code:
        raise _unreadable("journal_failed", said=answer.said.strip()[:200])


def parsed(out: bytes, redact: Redact) -> list[LogLine]:
    """Read JSON objects, newest first, into lines, oldest first; a torn one is dropped."""
    found: list[LogLine] = []
    for raw in reversed(out.split(b"\n")):
        try:
            entry = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            found += _entry(entry, redact)
    return found


def _entry(entry: dict[str, Any], redact: Redact) -> Iterator[LogLine]:
    at, pid, priority = (
        _number(entry.get(name)) for name in ("__REALTIME_TIMESTAMP", "_PID", "PRIORITY")
    )
    when = None if at is None else _moment(at)
    for text in cleaned(_text(entry.get("MESSAGE", "")), redact):
        yield LogLine(at=when, text=text, pid=pid, priority=priority)


def _moment(microseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(microseconds / 1e6, UTC)
    except (ValueError, OverflowError, OSError):  # no year of any calendar
        return None


def _text(message: object, *, several: bool = True) -> str:
    """Decode a message: bytes as numbers where it is no clean text, null where it is too long."""
    match message:
        case str():
            return message
        case None:
            return "…"
        case [int(), *_]:
            return bytes(one & 255 for one in message if isinstance(one, int)).decode(
                errors="replace"
            )
        case [*values] if several:  # the field was given more than once
            return "\n".join(_text(one, several=False) for one in values)
        case _:
            return str(message)


def _number(value: object) -> int | None:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, str) and first.isascii() and first.isdigit() and len(first) <= DIGITS:
        return int(first)
    return None


def _unreadable(key: str, **values: float | str) -> Unreadable:
    return Unreadable(phrase(key, **values), Source.SERVICE_MANAGER)
