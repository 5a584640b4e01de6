"""Rows as lines of JSON that come back as the values they were."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

BYTES = "base64"  # a value that JSON has no form for is an object with this one name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch ended: rows are ordered by day and id."""

    day: str | int | float = "0001-01-01"  # dirty days that sort before it are left alone
    id: int | str = -(2**63)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the table, in order, as lines."""

    columns: Sequence[str]
    lines: Sequence[bytes] = field(default_factory=list)
    end: Place = field(default_factory=Place)


def encode(values: Iterable[object]) -> bytes:
    plain = [
        {BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for value in values
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> list[object]:
    """The values of one row; `ValueError`: it is none of ours."""
    try:
        values = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is too deep for a row") from error
    if not isinstance(values, list):
        raise ValueError("a row is a list")  # noqa: TRY004  # the file's fault, not a type's
    return [_bytes(one) if isinstance(one, dict) else one for one in values]


def _bytes(value: dict[str, object]) -> bytes:
    match value:
        case {"base64": str(text)} if len(value) == 1:
            return base64.b64decode(text, validate=True)
        case _:
            raise ValueError("a value of no known form")


def batch(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Batch:
    lines = [encode(row) for row in rows]
    return Batch(columns, lines, place(columns, rows[-1]) if rows else Place())


def place(columns: Sequence[str], row: Sequence[object]) -> Place:
    day, number = row[columns.index("d")], row[columns.index("id")]
    if not isinstance(day, str | int | float) or not isinstance(number, str | int):
        raise TypeError(f"not a row's day and id: {day!r}, {number!r}")
    return Place(day, number)


def ids(columns: Sequence[str], lines: Iterable[bytes]) -> list[object]:
    at = columns.index("id")
    return [decode(line)[at] for line in lines]


def by_id(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[object, bytes]:
    at = columns.index("id")
    return {row[at]: encode(row) for row in rows}


def same(
    numbers: Sequence[object], lines: Sequence[bytes], found: Mapping[object, bytes]
) -> list[object]:
    """The ids of those rows that are in the table exactly as they are in the file."""
    pairs = zip(numbers, lines, strict=True)
    return [number for number, line in pairs if found.get(number) == line]
