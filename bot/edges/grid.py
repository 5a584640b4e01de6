"""Tables for a phone: columns that fit its width, rows that are never cut apart. Pure.

Numbers stand at the right and are never cut; long texts end with "…". Columns that do not fit
side by side go on to a second line of the same row.
"""

import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.columns import Column, Columns, Kind
from bot.edges import formats

WIDTH: Final = 36  # monospace columns of a phone
GAP: Final = " "
NOTHING: Final = "–"
Writer = Callable[[object], str]


def grid(
    rows: Iterable[object],
    columns: Columns,
    *,
    writers: Mapping[Kind, Writer] | None = None,
    width: int = WIDTH,
) -> str:
    """Lay out rows (mappings or objects) as monospace text, with a head if a column has a title.

    `writers` write kinds otherwise than by default (times need a zone). Plain text: whoever puts
    it into HTML escapes it.
    """
    wanted = [Column.of(one) if isinstance(one, str) else one for one in columns]
    written = {**WRITERS, **(writers or {})}
    cells = [[_cell(_get(row, one.key), written[one.kind]) for one in wanted] for row in rows]
    if not cells:
        return ""
    titles = [one.title for one in wanted]
    slots = [
        _slot(column, [titles[at], *(row[at] for row in cells)])
        for at, column in enumerate(wanted)
    ]
    lines = [_fitted(line, width) for line in _lines(slots, width)]
    edge = max(sum(slot.width + 1 for slot in line) - 1 for line in lines)
    whole = [titles, *cells] if any(titles) else cells
    return "\n".join(
        _line(line, row[start : start + len(line)], edge)
        for row in whole
        for start, line in _with_starts(lines)
    )


def shown_width(text: str) -> int:
    """Columns of a monospace font: wide signs take two, combining ones none."""
    return sum(map(_sign_width, text))


def cut(text: str, width: int) -> str:
    """Shorten to a width, with "…" at the end."""
    if shown_width(text) <= width:
        return text
    kept, room = "", width - 1
    for sign in text:
        room -= _sign_width(sign)
        if room < 0:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def wrapped(text: str, indent: int = 0, width: int = WIDTH) -> str:
    """A long line in several, those after the first one moved in."""
    return textwrap.fill(
        text,
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


@dataclass(frozen=True, slots=True)
class _Slot:
    """One column's place: its width, and how narrow it may become."""

    width: int
    least: int
    left: bool


def _slot(column: Column, texts: Sequence[str]) -> _Slot:
    left = column.kind is Kind.TEXT
    width = max(map(shown_width, texts))
    if left:
        return _Slot(width, min(width, column.least), left)
    # a title may be cut, a number never
    least = max(map(shown_width, texts[1:]))
    return _Slot(width, least, left)


def _lines(slots: Sequence[_Slot], width: int) -> list[list[_Slot]]:
    """Columns side by side as far as they can be made to fit, in their order."""
    lines: list[list[_Slot]] = []
    for slot in slots:
        if lines and sum(one.least + 1 for one in lines[-1]) + slot.least <= width:
            lines[-1].append(slot)
        else:
            lines.append([slot])
    return lines


def _fitted(line: Sequence[_Slot], width: int) -> list[_Slot]:
    """Narrow the widest column that may become narrower, until the line fits."""
    widths = [slot.width for slot in line]
    while sum(widths) + len(line) - 1 > width:
        room = [(widths[at], at) for at, slot in enumerate(line) if widths[at] > slot.least]
        if not room:  # one number wider than the phone
            break
        widths[max(room)[1]] -= 1
    return [_Slot(wide, slot.least, slot.left) for wide, slot in zip(widths, line, strict=True)]


def _with_starts(lines: Sequence[list[_Slot]]) -> list[tuple[int, list[_Slot]]]:
    found, start = [], 0
    for line in lines:
        found.append((start, line))
        start += len(line)
    return found


def _line(line: Sequence[_Slot], texts: Sequence[str], edge: int) -> str:
    """One line of a row. Numbers end at the right edge, whichever line they are on."""
    parts = [_placed(cut(text, slot.width), slot) for slot, text in zip(line, texts, strict=True)]
    space = " " * (edge - shown_width(GAP.join(parts)))
    if line[0].left:
        parts[0] += space
    else:
        parts[0] = space + parts[0]
    return GAP.join(parts).rstrip()


def _placed(text: str, slot: _Slot) -> str:
    space = " " * (slot.width - shown_width(text))
    return text + space if slot.left else space + text


def _get(row: object, key: str) -> object:
    return row[key] if isinstance(row, Mapping) else getattr(row, key)


def _cell(value: object, write: Writer) -> str:
    if value is None or value == "":
        return NOTHING
    try:
        text = write(value)
    except (TypeError, ValueError, OverflowError):  # a database of unknown tidiness
        text = str(value)
    # line ends would tear the row, marks of direction turn it around
    return "".join(sign if sign.isprintable() else " " for sign in text).strip(" ")


def _sign_width(sign: str) -> int:
    if unicodedata.combining(sign) or sign in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def _number(value: object) -> str:
    number = float(value)  # type: ignore[arg-type]  # what is no number raises
    return formats.num(number, 0 if number.is_integer() or abs(number) >= 100 else 2)  # noqa: PLR2004  # enough to tell 0.25 from 0.3


WRITERS: Final[Mapping[Kind, Writer]] = {
    Kind.TEXT: str,
    Kind.NUMBER: _number,
    Kind.MONEY: lambda value: formats.num(float(value)),  # type: ignore[arg-type]  # likewise
    Kind.SIZE: lambda value: formats.size(float(value)),  # type: ignore[arg-type]  # likewise
    Kind.PERCENT: lambda value: formats.pct(float(value)),  # type: ignore[arg-type]  # likewise
    Kind.DATE: lambda value: formats.day(str(value)),
    Kind.TIME: lambda value: f"{formats.moment(str(value)):%Y-%m-%d %H:%M}",
    Kind.SPAN: lambda value: formats.dur(float(value)),  # type: ignore[arg-type]  # likewise
}
