"""Questions that take long: they say so, and only their asker can stop them."""

import asyncio
import gc
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    SendDocument,
    SendMessage,
)

from bot.core.columns import Column
from bot.core.question import Command
from bot.core.tabular import tabular
from bot.edges.shop.limits import Limits
from bot.edges.shop.postgres import PostgresShop
from bot.edges.shop.sqlite import SqliteShop
from handlers.looking import PATIENCE
from tests.checks.shop import Shop
from tests.conftest import TEAM
from tests.handlers.telegram import BORIS, VERA, Phone, buttons, texts

FOREVER = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n"
)


class Slow:
    """A question of the shop that goes on until it is stopped, or let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.stopped = False

    async def rows(self, *_: object, **__: object) -> list[dict[str, int]]:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return [{"i": 1}]

    async def require(self, needs: object) -> None: ...


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def phone(phone: Phone, commands: dict[str, Command], slow: Slow) -> Phone:
    commands["slow"] = tabular(
        name="slow", about="", title="Slow", sql="slow.sql.j2", columns=[Column("i")]
    )
    answering = phone.dispatcher["answering"]
    hasty = replace(
        answering,
        tools=replace(answering.tools, shop=slow),
        looking=replace(answering.looking, patience=0.0),
    )
    phone.dispatcher["answering"] = hasty
    return phone


async def test_the_answer_takes_the_place_of_looking(phone: Phone, slow: Slow) -> None:
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    said = await phone.until(SendMessage)
    assert texts([said]) == ["🔎 Looking…"]
    assert list(buttons(said)) == ["Cancel"]
    slow.go.set()
    await phone.tasks.done()
    (answer,) = phone.session.calls[1:]
    assert isinstance(answer, EditMessageText)
    assert answer.message_id == phone.session.last_id
    assert texts([answer])[0].startswith("<b>Slow</b>")
    assert list(buttons(answer)) == ["XLSX", "CSV"]


async def test_the_asker_stops_it_and_may_ask_again(phone: Phone, slow: Slow) -> None:
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    said = await phone.until(SendMessage)
    token = buttons(said)["Cancel"]
    message = phone.session.last_id
    _, ended = await phone.tap(VERA, TEAM.chat, message, token)
    assert slow.stopped
    assert isinstance(ended, EditMessageText)
    assert ended.message_id == message
    assert texts([ended])[0].startswith("Stopped")
    assert list(buttons(ended)) == ["Ask again", "Explain"]
    slow.go.set()
    _, again = await phone.tap(VERA, TEAM.chat, message, buttons(ended)["Ask again"])
    assert texts([again])[0].startswith("<b>Slow</b>")


def test_a_locked_shop_is_answered_before_it_says_that_it_looks() -> None:
    assert Limits().busy_seconds < PATIENCE


async def test_nothing_is_kept_where_looking_could_not_be_said(phone: Phone, slow: Slow) -> None:
    phone.session.refusals = [TelegramForbiddenError(SendMessage(chat_id=1, text="x"), "no")]
    await phone.begin(message=phone.message(VERA, "/slow"))
    await phone.until(SendMessage)
    slow.go.set()
    await phone.tasks.done()
    gc.collect()
    assert not phone.dispatcher["answering"].looking._reading  # noqa: SLF001  # nothing else tells


@pytest.mark.parametrize("table", ["moved_chats", "posts"])
async def test_our_own_tables_that_fail_have_a_sentence_too(
    phone: Phone, slow: Slow, tmp_path: Path, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute(f"DROP TABLE {table}")
    (said,) = texts(await phone.say(VERA, "/slow", TEAM.chat))
    assert said.startswith("Something went wrong in the assistant itself")
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == ["no answer"]
    assert slow.stopped is (table == "posts")  # nothing goes on that nobody waits for


async def test_an_answer_that_cannot_have_its_buttons_has_a_sentence(
    phone: Phone, slow: Slow, tmp_path: Path
) -> None:
    slow.go.set()
    (table,) = await phone.say(VERA, "/slow", TEAM.chat)
    assert buttons(table)
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("DROP TABLE buttons")
    (said,) = texts(await phone.say(VERA, "/slow", TEAM.chat))
    assert said.startswith("Something went wrong in the assistant itself")


async def test_nobody_else_can_stop_it(phone: Phone, slow: Slow) -> None:
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    token = buttons(await phone.until(SendMessage))["Cancel"]
    await phone.begin(callback_query=phone.press(BORIS, TEAM.chat, phone.session.last_id, token))
    toast = await phone.until(AnswerCallbackQuery)
    assert texts([toast]) == ["Only the one who asked can stop it."]
    assert not slow.stopped
    slow.go.set()
    await phone.tasks.done()
    assert texts([phone.session.calls[-1]])[0].startswith("<b>Slow</b>")


async def test_of_two_who_ask_at_once_each_stops_their_own(phone: Phone, slow: Slow) -> None:
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    hers = buttons(await phone.until(SendMessage))["Cancel"]
    number = phone.session.last_id
    phone.session.calls.clear()
    await phone.begin(message=phone.message(BORIS, "/slow", TEAM.chat))
    await phone.until(SendMessage)
    his = phone.session.last_id
    phone.session.calls.clear()
    await phone.begin(callback_query=phone.press(VERA, TEAM.chat, number, hers))
    stopped = await phone.until(EditMessageText)
    assert isinstance(stopped, EditMessageText)
    assert (stopped.message_id, texts([stopped])[0][:7]) == (number, "Stopped")
    slow.go.set()
    await phone.tasks.done()
    edits = [one for one in phone.session.calls if isinstance(one, EditMessageText)]
    assert [one.message_id for one in edits] == [number, his]
    assert texts(edits)[1].startswith("<b>Slow</b>")


async def test_a_stop_that_comes_after_a_restart_says_so(phone: Phone, slow: Slow) -> None:
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    token = buttons(await phone.until(SendMessage))["Cancel"]
    answering = phone.dispatcher["answering"]
    phone.dispatcher["answering"] = replace(
        answering, looking=replace(answering.looking, _reading={})
    )
    await phone.begin(callback_query=phone.press(VERA, TEAM.chat, phone.session.last_id, token))
    closed = await phone.until(EditMessageText)
    assert "was restarted" in texts([closed])[0]
    slow.go.set()
    await phone.tasks.done()


async def test_a_file_comes_beside_the_table_and_looking_goes(phone: Phone, slow: Slow) -> None:
    slow.go.set()
    (table,) = await phone.say(VERA, "/slow", TEAM.chat)
    slow.go.clear()
    press = phone.press(VERA, TEAM.chat, phone.session.last_id, buttons(table)["CSV"])
    await phone.begin(callback_query=press)
    said = await phone.until(SendMessage, 2)
    assert texts([said]) == ["🔎 Looking…"]
    slow.go.set()
    await phone.tasks.done()
    file, gone = phone.session.calls[-2:]
    assert isinstance(file, SendDocument)
    assert isinstance(gone, DeleteMessage)
    assert gone.message_id == phone.session.last_id - 1


async def test_a_stopped_question_leaves_no_statement_running(phone: Phone, shop: Shop) -> None:
    real = SqliteShop(
        shop.path, sql=lambda *_, **__: FOREVER, limits=Limits(statement_seconds=600)
    )
    answering = phone.dispatcher["answering"]
    tools = replace(answering.tools, shop=real)
    phone.dispatcher["answering"] = replace(answering, tools=tools, longest=600)
    await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
    token = buttons(await phone.until(SendMessage))["Cancel"]
    await phone.tap(VERA, TEAM.chat, phone.session.last_id, token)
    await real.close()  # would wait ten minutes for a thread still at work
    assert texts([phone.session.calls[-1]])[0].startswith("Stopped")


async def test_a_stopped_question_is_ended_in_postgresql_too(phone: Phone, postgres: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        f"{postgres}/postgres", autocommit=True
    ) as server:

        async def at_work() -> int:
            found = await server.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            return int((await found.fetchone() or [0])[0])

        await server.execute("SELECT pg_advisory_lock(42)")  # the question waits for it
        real = PostgresShop(
            f"{postgres}/postgres",
            sql=lambda *_, **__: "SELECT 1 AS i FROM pg_advisory_xact_lock(42)",
            limits=Limits(statement_seconds=600, busy_seconds=600),
        )
        answering = phone.dispatcher["answering"]
        tools = replace(answering.tools, shop=real)
        phone.dispatcher["answering"] = replace(answering, tools=tools, longest=600)
        await phone.begin(message=phone.message(VERA, "/slow", TEAM.chat))
        token = buttons(await phone.until(SendMessage))["Cancel"]
        async with asyncio.timeout(10):
            while not await at_work():
                pass
        await phone.tap(VERA, TEAM.chat, phone.session.last_id, token)
        assert texts([phone.session.calls[-1]])[0].startswith("Stopped")
        assert await at_work() == 0
