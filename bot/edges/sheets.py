"""Tables as files for a spreadsheet program, with cells that cannot act (reliability.md §6).

A text that starts like a formula would be computed by whoever opens the file; article names
come from marketplaces, that is, from strangers.
"""

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO
from typing import Final

from openpyxl import Workbook  # type: ignore[import-untyped]  # openpyxl ships no types
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]  # likewise
from openpyxl.styles import Font  # type: ignore[import-untyped]  # likewise
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]  # likewise

from bot.core.model import Row, Scalar
from bot.core.question import Sheet, Table

ACTIVE: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    *"\uff1d\uff0b\uff0d\uff20",
)  # full-width forms too
ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST: Final = 32_767  # characters a cell of XLSX holds
NARROWEST, WIDEST = 8, 40
SAMPLE: Final = 200  # rows looked at for the widths of columns
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
NUMBERS: Final = "#,##0.00"


def write(table: Table) -> bytes:
    match table.sheet:
        case Sheet.XLSX:
            return xlsx(table)
        case Sheet.CSV:
            return csv_text(table.rows).encode("utf-8-sig")  # the mark tells Excel it is UTF-8


def without_secrets(table: Table, redact: Callable[[str], str]) -> Table:
    """An error that a job has left may carry a token; a file is no place for one either."""
    rows = [
        {name: redact(one) if isinstance(one, str) else one for name, one in row.items()}
        for row in table.rows
    ]
    return replace(table, rows=rows)


def xlsx(table: Table) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_title(table.name))
    sheet.freeze_panes = "A2"
    names = _names(table.rows)
    for at, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _width(name, table.rows)
    sheet.append([_head(sheet, name) for name in names])
    for row in table.rows:
        sheet.append([_cell(sheet, row[name]) for name in names])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def csv_text(rows: Sequence[Row]) -> str:
    file = StringIO()
    names = _names(rows)
    writer = csv.writer(file)
    writer.writerow([harmless(name) for name in names])
    for row in rows:
        values = [row[name] for name in names]
        writer.writerow([harmless(one) if isinstance(one, str) else one for one in values])
    return file.getvalue()


def harmless(text: str) -> str:
    """An apostrophe in front makes a spreadsheet program show the text and not compute it."""
    clean = ILLEGAL.sub("", text)
    return f"'{clean}" if clean.lstrip(" ").startswith(ACTIVE) else clean


def _names(rows: Sequence[Row]) -> list[str]:
    return list(rows[0]) if rows else []


def _title(name: str) -> str:
    return re.sub(r"[\\/*?:\[\]]", " ", name)[:31] or "Sheet"


def _head(sheet: object, name: str) -> object:
    cell = WriteOnlyCell(sheet, value=name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: object, value: Scalar) -> object:
    if isinstance(value, str):
        if DAY.fullmatch(value):
            return WriteOnlyCell(sheet, value=_day(value))
        cell = WriteOnlyCell(sheet, value=ILLEGAL.sub("", value)[:LONGEST])
        cell.data_type = "s"  # or openpyxl stores "=1+1" as a formula
        return cell
    if isinstance(value, float) and not math.isfinite(value):
        return WriteOnlyCell(sheet, value=str(value))  # as a number it breaks the whole file
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, float):
        cell.number_format = NUMBERS
    return cell


def _day(value: str) -> date | str:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _width(name: str, rows: Sequence[Row]) -> float:
    longest = max([len(name), *(len(str(row[name])) for row in rows[:SAMPLE])])
    return float(min(max(longest + 2, NARROWEST), WIDEST))
