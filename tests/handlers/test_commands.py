"""Commands, from the typed word to the answer in the chat."""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    SendDocument,
    SendMessage,
    SendPhoto,
)
from aiogram.types import BufferedInputFile

from bot.core.model import Json, Person, Role, Severity, fires
from bot.core.question import Asking, Command, Page
from bot.edges.store import SqlStore
from bot.edges.store.tx import SqlTx
from handlers.place import Place
from handlers.sending import Target
from tests.checks.shop import Shop
from tests.conftest import NOON, TEAM
from tests.handlers.telegram import ANN, BORIS, VERA, Phone, buttons, texts


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("/start", "Hello, <b>Vera</b>."),
        ("/help", "<b>Commands</b>"),
        ("/whoami", "<b>Vera</b>"),
        ("/status", "❔ <b>No check has looked yet</b>"),
        ("/checks", "❔ <b>1 · Web API latency</b>"),
        ("/alerts", "❔ <b>No alert is open.</b>"),
        ("/cash", "💰 <b>Cash"),
        ("/outliers 30", "<b>3 commissions off in 30 days"),
        ("/db", "<b>Database</b> shop.db"),
        ("/tokens", "<b>API keys</b>"),
        ("/tokens live", "<b>API keys</b>, tried just now"),
        ("/net", "⚪ <b>Nothing is set up to be asked</b>"),
        ("/runbook", "<b>Runbooks</b>"),
        ("/runbook 3", "<b>Runbook 3 · Cash balance</b>"),
        ("/runbook #3", "<b>Runbook 3 · Cash balance</b>"),
    ],
)
async def test_a_viewer_may_ask_everything(phone: Phone, text: str, starts: str) -> None:
    answer = (await phone.say(VERA, text))[0]
    assert texts([answer])[0].startswith(starts)


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ("/cash soon", "/cash [days]"),
        ("/cash 0", "/cash [days]"),
        ("/cash 91", "/cash [days]"),
        ("/cash -7", "/cash [days]"),
        ("/cash 7 8", "/cash [days]"),
        ("/cash \N{ARABIC-INDIC DIGIT SEVEN}", "/cash [days]"),
        ("/cash 9999999999999999999999", "/cash [days]"),
        ("/outliers x", "/outliers [days] [sku]"),
        ("/outliers 7 a b", "/outliers [days] [sku]"),
        ("/runbook 99", "/runbook [n] [page] [alert]"),
        ("/runbook cash", "/runbook [n] [page] [alert]"),
        ("/alerts all", "/alerts [page]"),
        ("/status now", "/status"),
        ("/whoami " + "x " * 2000, "/whoami"),
    ],
)
async def test_wrong_arguments_get_the_right_usage(phone: Phone, text: str, usage: str) -> None:
    (said,) = texts(await phone.say(VERA, text))
    assert said.endswith(f"Usage: {usage}")


async def test_cash_comes_with_its_chart_as_a_reply(phone: Phone) -> None:
    text, photo = await phone.say(VERA, "/cash 30", TEAM.chat)
    assert isinstance(text, SendMessage)
    assert text.reply_parameters is not None
    assert text.reply_parameters.message_id == 100
    assert isinstance(photo, SendPhoto)
    assert isinstance(photo.photo, BufferedInputFile)
    assert photo.photo.data.startswith(b"\x89PNG")
    assert photo.reply_parameters is not None
    assert photo.reply_parameters.message_id == phone.session.last_id - 1


async def test_an_answer_stays_in_the_topic_it_was_asked_in(phone: Phone) -> None:
    topic = {"message_thread_id": 17, "is_topic_message": True}
    calls = await phone.say(VERA, "/cash", TEAM.chat, fields=topic)
    assert [getattr(call, "message_thread_id", None) for call in calls] == [17, 17]


async def test_a_reply_in_a_group_without_topics_is_not_taken_for_a_topic(phone: Phone) -> None:
    (call,) = await phone.say(VERA, "/help", TEAM.chat, fields={"message_thread_id": 17})
    assert isinstance(call, SendMessage)
    assert call.message_thread_id is None


FULL: dict[str, Json] = {
    "total_bytes": 5_600_000_000,
    "warn_bytes": 5_000_000_000,
    "error_bytes": 8_000_000_000,
    "limit_bytes": 10_000_000_000,
    "cause": "size",
}


async def open_alerts(store: SqlStore, count: int) -> None:
    def work(tx: SqlTx) -> None:
        for number in range(count):
            reading = fires(f"database {number}", list(Severity)[number % 4], **FULL)
            tx.alerts.add("check_db_growth", reading, NOON)

    await store.write(work)


async def test_alerts_are_turned_by_buttons_in_the_same_message(
    phone: Phone, store: SqlStore
) -> None:
    await open_alerts(store, 18)
    (first,) = await phone.say(VERA, "/alerts", TEAM.chat)
    assert list(buttons(first)) == ["Next ▶"]
    message = phone.session.last_id

    toast, second = await phone.tap(BORIS, TEAM.chat, message, buttons(first)["Next ▶"])
    assert isinstance(toast, AnswerCallbackQuery)
    assert isinstance(second, EditMessageText)
    assert second.message_id == message
    assert "2 of 3" in str(second.text)
    assert list(buttons(second)) == ["◀ Previous", "Next ▶"]

    _, third = await phone.tap(BORIS, TEAM.chat, message, buttons(second)["Next ▶"])
    assert list(buttons(third)) == ["◀ Previous"]
    assert "3 of 3" in texts([third])[0]


async def test_a_list_that_shrank_shows_its_last_page(phone: Phone, store: SqlStore) -> None:
    await open_alerts(store, 3)
    (answer,) = texts(await phone.say(VERA, "/alerts 9"))
    assert answer.startswith("<b>3 open alerts, worst first</b>\n")


async def test_a_button_of_an_answer_does_not_work_on_another_message(
    phone: Phone, store: SqlStore
) -> None:
    await open_alerts(store, 9)
    (first,) = await phone.say(VERA, "/alerts", TEAM.chat)
    wrong = phone.session.last_id + 1
    (toast,) = await phone.tap(BORIS, TEAM.chat, wrong, buttons(first)["Next ▶"])
    assert "another message" in texts([toast])[0]


async def test_the_whole_list_comes_as_a_file(phone: Phone, shop: Shop) -> None:
    shop.overcharge("2026-11-20", 4, 999)
    (answer,) = await phone.say(VERA, "/outliers")
    message = phone.session.last_id
    token = buttons(answer)["XLSX"]
    _, file = await phone.tap(VERA, VERA, message, token)
    assert isinstance(file, SendDocument)
    assert isinstance(file.document, BufferedInputFile)
    assert file.document.filename == "outliers-7-2026-11-23.xlsx"
    assert file.document.data.startswith(b"PK")
    assert file.caption == "/outliers 7: 4 rows"


async def test_an_empty_list_is_no_file(phone: Phone, shop: Shop) -> None:
    shop.run("UPDATE daily_sales SET commission_amount = 100")
    (said,) = texts(await phone.say(VERA, "/export outliers"))
    assert said.startswith("/outliers has no rows")


@pytest.mark.parametrize("text", ["/cash", "/outliers", "/db", "/export outliers"])
async def test_a_locked_database_is_named_within_two_seconds(
    phone: Phone, shop: Shop, text: str
) -> None:
    with closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        (said,) = texts(await phone.say(VERA, text))
        took = time.monotonic() - began
    assert "is locked by another program" in said
    assert took < 2


@pytest.mark.parametrize(
    ("text", "view"), [("/cash", "vw_cashflow_daily"), ("/outliers", "vw_commission_recon")]
)
async def test_a_missing_view_is_named(phone: Phone, shop: Shop, text: str, view: str) -> None:
    shop.run(f"DROP VIEW {view}")
    (said,) = texts(await phone.say(VERA, text))
    assert said.startswith(f"The shop's database lacks {view}")


async def test_without_flows_there_is_still_a_balance(phone: Phone, shop: Shop) -> None:
    shop.run(
        "CREATE TABLE kept AS SELECT * FROM vw_cashflow_daily; DROP VIEW vw_cashflow_daily;"
        " DROP TABLE cashflow_daily; ALTER TABLE kept RENAME TO vw_cashflow_daily;"
    )
    text, photo = await phone.say(VERA, "/cash")
    assert "❔ Flows by marketplace: The shop's database lacks cashflow_daily" in texts([text])[0]
    assert isinstance(photo, SendPhoto)


async def test_two_balances_of_a_day_are_not_added_up(phone: Phone, shop: Shop) -> None:
    shop.run(
        "CREATE TABLE kept AS SELECT * FROM vw_cashflow_daily; DROP VIEW vw_cashflow_daily;"
        " ALTER TABLE kept RENAME TO vw_cashflow_daily;"
        " INSERT INTO vw_cashflow_daily VALUES ('2026-11-20', 5);"
    )
    (said,) = texts(await phone.say(VERA, "/cash"))
    assert said.startswith("vw_cashflow_daily has several rows for 20 Nov")


async def test_a_role_that_is_too_low_is_told_so(
    phone: Phone, commands: dict[str, Command]
) -> None:
    commands["db"] = replace(commands["db"], role=Role.ADMIN)
    (said,) = texts(await phone.say(BORIS, "/db"))
    assert said == "Your role is manager; this needs an admin."
    assert len(await phone.say(ANN, "/db")) == 1


async def test_an_error_of_ours_is_owned_up_to(
    phone: Phone, commands: dict[str, Command], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_asking: Asking) -> Page:
        raise ZeroDivisionError

    commands["db"] = replace(commands["db"], read=broken)
    (said,) = texts(await phone.say(VERA, "/db"))
    assert said.startswith("Something went wrong in the assistant itself")
    assert [record.message for record in caplog.records] == ["no answer"]


async def test_an_error_in_a_handler_is_logged_once_and_answered(
    phone: Phone, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("DROP TABLE buttons")
    (said,) = texts(await phone.tap(ANN, TEAM.chat, 1, "token"))
    assert said.startswith("Something went wrong")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "update failed"
    ]


async def test_a_question_that_hangs_has_an_end(
    phone: Phone, commands: dict[str, Command]
) -> None:
    async def hanging(_asking: Asking) -> Page:
        await asyncio.Event().wait()
        raise AssertionError

    answering = phone.dispatcher["answering"]
    hasty = replace(answering, longest=0.01)
    vera = Person(id=VERA, name="Vera", role=Role.VIEWER)
    place = Place(bot=phone.bot, target=Target(chat_id=VERA))
    hasty.command(replace(commands["host"], read=hanging), {}, vera, place)
    await phone.tasks.done()
    (said,) = texts(phone.session.calls)
    assert said.startswith("There is no answer after")
