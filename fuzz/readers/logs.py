"""journald's JSON and the lines of any program: cleaned, masked, put together, counted."""

import json

from bot.core import log_reading
from bot.core.machine import LogLine
from bot.edges.redact import HIDDEN, Redactor
from bot.edges.services.journald import parsed
from bot.edges.services.lines import LONGEST, cleaned
from fuzz._grown import Bytes, grown

SECRET = "Tr0ub4dor-and-3"  # noqa: S105  # planted, to be looked for
REDACT = Redactor([SECRET]).of_others
TRACE = """Traceback (most recent call last):
  File "/opt/jobs.py", line 41, in collect
    raise ValueError("x")
ValueError: x

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/jobs.py", line 43, in <module>
KeyError: 'token=abcdef123456'
2026-11-25 12:00:00,123 INFO sent 0xdeadbeef 17
"""
LINES = [
    {"MESSAGE": line, "PRIORITY": "3", "_PID": "17", "__REALTIME_TIMESTAMP": "1764072000123456"}
    for line in reversed(TRACE.splitlines())
]
NAMES = ("MESSAGE", "PRIORITY", "_PID", "__REALTIME_TIMESTAMP")
SEEDS = (
    b"\x00" + b"\n".join(json.dumps(line).encode() for line in LINES),
    b"\x00" + json.dumps({"MESSAGE": [27, 91, 51, 49, 109, 208, 159]}).encode(),
    b"\x01" + bytes(range(0x80, 0xF0, 3)),
    b"\x02" + TRACE.encode(),
    b"\x02\x1b[31mred\x1b[0m \x1b]0;title\x07 https://u:"
    + SECRET.encode()
    + b"@h Bearer abcdefgh",
)


def one(data: bytes) -> None:
    source = Bytes(data)
    match source.next() % 3:
        case 0:
            lines = parsed(source.rest, REDACT)
        case 1:
            made = [grown(source, NAMES) for _ in range(6)]
            lines = parsed(b"\n".join(json.dumps(one).encode() for one in made), REDACT)
        case _:
            text = source.rest.decode("utf-8", "replace")
            shown = cleaned(text, REDACT)
            lines = [LogLine(at=None, text=one, pid=1, priority=None) for one in shown]
    _hold(lines)


def _hold(lines: list[LogLine]) -> None:
    for line in lines:
        assert len(line.text) <= LONGEST + len(HIDDEN)
        assert SECRET not in line.text
        assert "\x1b" not in line.text
        assert "\n" not in line.text
    found = log_reading.entries(lines)
    assert sum(len(entry.lines) for entry in found) <= len(lines)
    assert sum(entry.count for entry in log_reading.grouped(found)) == len(found)
    assert sum(entry.count for entry in log_reading.told(found)) == len(found)
    for word in ("", "error", "traceback", "x"):
        log_reading.matching(found, word)
    for entry in found:
        assert log_reading.bare(entry.text) or not entry.text
