"""Questions asked through others: by name, page by page, as files, with their plans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.core.model import Person, Role, Row, Scalar, Unreadable, phrase
from bot.core.question import Sheet, WrongArguments
from bot.core.tools import ColumnInfo, TableSchema
from tests.fakes import FakeShop
from tests.questions import scene
from tests.questions.conftest import ANN, Room, labels


async def test_every_question_is_listed_under_its_runbook(room: Room) -> None:
    home = await room.ask("ask")
    listed = {row[at] for row in labels(home) for at in range(len(row))}
    assert "3 · Cash balance" in listed
    assert "/cash [days]" in await room.read("ask 3")
    assert "/cash" not in await room.read("ask 5")
    assert ["◀ All runbooks"] in labels(await room.ask("ask 5"))
    with pytest.raises(WrongArguments):
        await room.ask("ask 99")


async def test_a_question_by_name_is_the_same_as_its_command(room: Room) -> None:
    room.answers(inventory=scene.inventory(3))
    assert await room.read("ask inventory") == await room.read("inventory")
    assert labels(await room.ask("ask inventory")) == labels(await room.ask("inventory"))


@pytest.mark.parametrize("text", ["ask {}", "export {}", "page 2 {}", "explain {}"])
async def test_nothing_but_questions_can_be_asked_for(room: Room, text: str) -> None:
    for name in ("vacuum", "ack 1", "ask", "export", "SELECT 1", "inventry", "start"):
        with pytest.raises(WrongArguments) as wrong:
            await room.ask(text.format(name))
        assert wrong.value.why.key == "question_unknown"
    with pytest.raises(WrongArguments) as wrong:
        await room.ask(text.format("inventry"))
    assert wrong.value.why.values["near"] == ["inventory"]


async def test_the_right_to_ask_is_the_question_s_own(room: Room) -> None:
    own = replace(room.commands["inventory"], role=Role.ADMIN)
    alone = {name: replace(one, runbooks=()) for name, one in room.commands.items()}
    room.commands = {**alone, "inventory": own}
    vera = Person(id=1003, name="Vera", role=Role.VIEWER)
    for text in ("ask inventory", "export inventory", "page 1 inventory", "explain inventory"):
        with pytest.raises(Unreadable) as refused:
            await room.ask(text, vera)
        assert refused.value.why.key == "role_too_low"
    with pytest.raises(WrongArguments):  # the only question of this runbook
        await room.ask("ask 1", vera)
    assert "/inventory" in await room.read("ask 1", ANN)


async def test_pages_turn_and_a_table_that_shrank_shows_its_last(room: Room) -> None:
    room.answers(inventory=scene.inventory(30))
    assert labels(await room.ask("inventory"))[0] == ["Next ▶"]
    assert labels(await room.ask("page 2 inventory"))[0] == ["◀ Previous", "Next ▶"]
    assert labels(await room.ask("page 9 inventory"))[0] == ["◀ Previous"]
    assert "3 of 3 · 30 rows" in await room.read("page 9 inventory")


async def test_an_empty_table_has_neither_pages_nor_files(room: Room) -> None:
    assert labels(await room.ask("inventory")) == [["Explain"]]
    assert "Nothing found" in await room.read("inventory")
    with pytest.raises(Unreadable) as empty:
        await room.ask("export inventory")
    assert empty.value.why.key == "question_empty"


async def test_a_file_has_all_rows_read_anew(room: Room) -> None:
    room.answers(inventory=scene.inventory(1_500))
    assert "over 1 000 rows; the file has them all" in await room.read("inventory")
    room.answers(inventory=scene.inventory(1_501))
    page = await room.ask("export inventory")
    assert page.table is not None
    assert (len(page.table.rows), page.table.sheet) == (1_501, Sheet.XLSX)
    assert page.table.name == "inventory-2026-11-23"
    csv = (await room.ask("export CSV inventory")).table
    assert csv is not None
    assert csv.sheet is Sheet.CSV


async def test_a_question_without_a_table_is_no_file(room: Room) -> None:
    with pytest.raises(Unreadable) as none:
        await room.ask("export db")
    assert none.value.why.key == "question_without_table"
    with pytest.raises(WrongArguments):
        await room.ask("export csv")


class TooSlow(FakeShop):
    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        del query, binds
        raise Unreadable(phrase("shop_too_slow", seconds=5))


async def test_the_plan_is_shown_also_of_what_takes_too_long(room: Room) -> None:
    room.shop = TooSlow(plans=scene.PLANS)
    text = await room.read("explain inventory")
    assert "took longer than 5 s" in text
    assert "!   SCAN s" in text.splitlines()


async def test_explaining_a_check_leaves_no_trace(room: Room) -> None:
    await room.read("explain db_growth")
    assert await room.store.read(lambda tx: tx.checks.all()) == []
    assert "It asks the shop's database nothing" in await room.read("explain db_growth")


SCHEMAS: Mapping[str, TableSchema] = {
    "vw_cashflow_daily": TableSchema(
        columns=[ColumnInfo(name="D", type="DATE"), ColumnInfo(name="balance", type="")]
    ),
    "mine": TableSchema(columns=[ColumnInfo(name="x", type="int")]),
}


async def test_drift_is_named_with_those_who_suffer(room: Room) -> None:
    room.shop.schemas = SCHEMAS
    text = await room.read("schema vw_cashflow_daily")
    assert "❔ lacks cumulative_balance, which Cash balance" in text
    assert "lacks d" not in text
    assert "✅" not in text
    assert "❔" not in await room.read("schema mine")
    assert "daily_sales, job_runs" in await room.read("tables")


async def test_a_table_that_is_not_there_gets_its_neighbours(room: Room) -> None:
    room.shop.catalogue = scene.TABLES
    with pytest.raises(WrongArguments) as wrong:
        await room.ask("schema daily_sale")
    assert wrong.value.why.values["near"] == ["daily_sales"]
    with pytest.raises(WrongArguments) as wrong:
        await room.ask("schema a;b")
    assert wrong.value.why.key == "usage_pattern"
