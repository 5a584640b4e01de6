"""Every table as a file, opened again: its cells are the values of the answer."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it ships no types

from bot.core.question import Table
from bot.edges import sheets
from tests.questions.conftest import Room
from tests.questions.test_answers import CASES, WRITTEN, bad_day

__all__ = ["bad_day"]  # a fixture

EMPTY = {"rules wb <nothing> & nobody", "tariffs <nothing> & nobody", "rulelog", "rulelog 1"}
ASKED = sorted({text for text, _ in CASES.values()} - EMPTY)


async def table_of(room: Room, asked: str) -> Table | None:
    """The table that the buttons under this answer export; None: it has none."""
    name = asked.split(maxsplit=1)[0]
    if room.commands[name].table is None:
        return None
    if written := WRITTEN.get(name):
        await room.store.write(written)
    return (await room.ask(f"export {asked}")).table


def same(cell: object, value: object) -> bool:
    if isinstance(cell, date):
        return cell.isoformat()[:10] == value
    if isinstance(value, float):
        return cell == pytest.approx(value, rel=1e-12)
    return cell == value or (cell is None and value == "")


@pytest.mark.parametrize("asked", ASKED)
async def test_a_file_has_the_values_of_the_answer(bad_day: Room, asked: str) -> None:
    table = await table_of(bad_day, asked)
    if table is None:
        return
    book = load_workbook(BytesIO(sheets.xlsx(table)))
    head, *cells = book.active.iter_rows()
    assert [one.value for one in head] == list(table.rows[0])
    assert len(cells) == len(table.rows)
    for line, row in zip(cells, table.rows, strict=True):
        for cell, value in zip(line, row.values(), strict=True):
            assert same(cell.value, value), f"{cell.value!r} for {value!r}"
            assert cell.data_type != "f"
