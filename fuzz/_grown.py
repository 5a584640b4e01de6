"""JSON grown out of bytes, so that a mutation changes a value and rarely breaks the form. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

DEEPEST, MOST = 4, 6
TEXTS = (
    *("", "0", "firing", "resolved", "critical", "4", "\ud800", "\x00", "a" * 600, "<b>&"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-11-25T12:00:00+03:00"),
    *(
        "http://h/x",
        "http://[",
        "javascript:alert(1)",
        "1e999",
        "-1",
        "\u202e",
        "{{ 7 }}",
        "error",
    ),
)
NUMBERS = (0, 1, -1, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, 1_764_000_000)


@dataclass(slots=True)
class Bytes:
    """Bytes taken one after the other; when they are used up, only zeros come."""

    data: bytes
    at: int = 0

    def next(self) -> int:
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def some(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        self.at += count
        return found

    @property
    def rest(self) -> bytes:
        return self.data[self.at :]


def grown(source: Bytes, names: Sequence[str], depth: int = 0) -> object:
    """A value of JSON; its objects have mostly `names`."""
    kind = source.next()
    if depth < DEEPEST and kind >= 0x80:  # noqa: PLR2004  # half of all are objects and lists
        count = kind % MOST + 1
        if kind >= 0xB0:  # noqa: PLR2004  # more objects than lists
            return {_name(source, names): grown(source, names, depth + 1) for _ in range(count)}
        return [grown(source, names, depth + 1) for _ in range(count)]
    return _scalar(source, kind)


def _scalar(source: Bytes, kind: int) -> object:
    match kind % 6:
        case 0:
            return None
        case 1:
            return bool(source.next() & 1)
        case 2:
            return NUMBERS[source.next() % len(NUMBERS)]
        case 3:
            return source.some(source.next() % 20).decode("utf-8", "surrogateescape")
        case _:
            return TEXTS[source.next() % len(TEXTS)]


def _name(source: Bytes, names: Sequence[str]) -> str:
    number = source.next()
    return names[number % len(names)] if number < 0xF0 else chr(number)  # noqa: PLR2004  # few strange ones
