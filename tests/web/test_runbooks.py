"""Runbooks for programs: lines, what does them, what was done."""

from dataclasses import replace

import pytest

from bot.core.book import Book
from bot.core.model import Severity, fires
from bot.core.ports import Tx
from bot.core.steps import WEEK_AGO, step, symptom
from tests import fakes
from tests.conftest import NOON
from tests.questions import incident
from tests.web.conftest import Api, is_problem

PATH = "/api/v1/ops/runbooks"
LINES = [
    symptom("size"),
    step("vacuum", does=["remediate_vacuum_db"]),
    step("indexes", does=[f"remediate_reconcile {WEEK_AGO}"]),
    step("migrate", asks={"Ready?": "postgres"}, todo=["postgres_move"]),
]


@pytest.fixture
def book(book: Book) -> Book:
    known = {name: replace(one, steps=LINES, number=5) for name, one in book.runbooks.items()}
    return replace(book, runbooks=known)


def repaired(tx: Tx) -> None:
    reading = fires("shop database", Severity.WARNING, **fakes.FULL)
    alert = tx.alerts.add("check_db_growth", reading, NOON - 30 * incident.MINUTE)
    incident.run(tx, "remediate_vacuum_db", alert=alert)
    incident.listed(tx, "postgres_move", alert, 0)


async def test_each_line_says_what_does_it_and_what_was_done(api: Api) -> None:
    await api.write(repaired)
    page = (await api.get(f"{PATH}/5")).json()
    assert (page["alert_source"], page["alert"]["id"], page["open_alerts"]) == (
        "check_db_growth",
        1,
        [1],
    )
    assert (page["steps_done"], page["steps"]) == (1, 3)
    size, vacuum, indexes, migrate = page["lines"]
    assert (size["section"], size["number"], size["done"]) == ("symptoms", "1", [])
    assert vacuum["text"].startswith("VACUUM if much is free inside.")
    assert (vacuum["does"], vacuum["asks"]) == (["remediate_vacuum_db"], [])
    [done] = vacuum["done"]
    assert (done["mark"], done["who"], done["at"]) == ("done", "Ann", "2026-11-23T11:51:00Z")
    assert indexes["does"] == ["remediate_reconcile 2026-11-16"]
    assert (migrate["number"], migrate["asks"], migrate["todo"]) == (
        "3",
        ["postgres"],
        ["postgres_move"],
    )
    assert [(one["mark"], one["who"]) for one in migrate["done"]] == [("listed", None)]


async def test_without_an_alert_it_is_a_list(api: Api) -> None:
    page = (await api.get(f"{PATH}/5")).json()
    assert page["alert"] is None
    assert [one["done"] for one in page["lines"]] == [[]] * 4


async def test_what_there_is_not(api: Api) -> None:
    assert is_problem(await api.get(f"{PATH}/6"), 404)
    assert is_problem(await api.get(f"{PATH}/5?alert=7"), 404)
    assert is_problem(await api.get(f"{PATH}/0"), 422)
    assert is_problem(await api.get(f"{PATH}/5", who="sender"), 403)
    assert is_problem(await api.get(f"{PATH}/5", who=None), 401)
