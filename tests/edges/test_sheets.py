"""Files that a spreadsheet program opens: whole, and with nothing in them that acts."""

import csv
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # openpyxl ships no types

from bot.core.model import Row  # noqa: TC001  # no block for types here
from bot.core.question import Sheet, Table
from bot.edges import sheets
from bot.edges.redact import HIDDEN, Redactor

NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1+1",
    "\uff1d1+1",
    "\uff0b1",
    '=HYPERLINK("http://example.org")',
    "\x00=1",
]


def cells(table: Table) -> list[list[Any]]:
    book = load_workbook(BytesIO(sheets.write(table)))
    return [list(row) for row in book.active.iter_rows()]


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_a_cell_is_a_formula(text: str) -> None:
    head, (cell,) = cells(Table(name="x", rows=[{"article": text}]))
    assert head[0].value == "article"
    assert cell.data_type in {"s", "inlineStr"}
    (_, (csv_cell,)) = csv.reader(StringIO(sheets.csv_text([{"article": text}])))
    assert csv_cell.startswith("'")


def test_values_keep_their_kinds() -> None:
    row: Row = {"day": "2026-11-22", "rub": -12.5, "count": 3, "none": None, "text": "plain"}
    _, values = cells(Table(name="outliers-2026-11-16-2026-11-23-long", rows=[row]))
    assert str(values[0].value)[:10] == "2026-11-22"
    assert [cell.value for cell in values[1:]] == [-12.5, 3, None, "plain"]
    assert values[0].is_date


def test_what_no_sheet_can_hold_is_left_out() -> None:
    row: Row = {"text": "a\x00b\x1f\ud800c" + "x" * 40_000}
    _, (cell,) = cells(Table(name="[a]/b:*?", rows=[row]))
    assert cell.value.startswith("abcx")
    assert len(cell.value) == 32_767


def test_a_day_that_does_not_exist_stays_text() -> None:
    _, (cell,) = cells(Table(name="x", rows=[{"day": "2026-02-31"}]))
    assert cell.value == "2026-02-31"


def test_what_is_no_number_leaves_the_file_whole() -> None:
    row: Row = {"rub": float("inf"), "share": float("nan")}
    _, values = cells(Table(name="x", rows=[row]))
    assert [cell.value for cell in values] == ["inf", "nan"]


def test_a_table_may_be_wider_than_the_alphabet() -> None:
    row: Row = {f"column {at}": at for at in range(30)}
    _, values = cells(Table(name="x", rows=[row]))
    assert [cell.value for cell in values] == list(range(30))


def test_csv_tells_excel_that_it_is_utf_8_and_keeps_numbers() -> None:
    rows: list[Row] = [{"шт": "ящик", "rub": -5.5, "none": None}]
    content = sheets.write(Table(name="x", rows=rows, sheet=Sheet.CSV))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "шт,rub,none\r\nящик,-5.5,\r\n"


def test_twenty_thousand_rows_are_one_file() -> None:
    rows: list[Row] = [{"n": n} for n in range(20_000)]
    with ZipFile(BytesIO(sheets.write(Table(name="x", rows=rows)))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<row ") == 20_001


def test_an_empty_table_is_an_empty_sheet() -> None:
    assert sheets.csv_text([]).strip() == ""
    assert cells(Table(name="x", rows=[])) in ([], [[]])


def test_a_file_has_no_secret_that_an_error_carries() -> None:
    rows: list[Row] = [{"job": "collect", "n": 5, "error": "401 for planted-secret"}]
    table = sheets.without_secrets(Table(name="jobs", rows=rows), Redactor(["planted-secret"]))
    assert table.rows == [{"job": "collect", "n": 5, "error": f"401 for {HIDDEN}"}]
