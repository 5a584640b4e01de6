"""The same SQL on a real PostgreSQL server: every command that reads the shop."""

from collections.abc import AsyncIterator

import pytest

from bot.edges.shop import open_shop
from tests.checks.test_on_postgres import database
from tests.questions.conftest import Room

__all__ = ["database"]  # a fixture


@pytest.fixture
async def served(database: str, room: Room) -> AsyncIterator[Room]:
    shop = open_shop(database, sql=room.templates.sql)
    room.shop = shop
    yield room
    await shop.close()


async def test_commands_answer_as_from_sqlite(served: Room) -> None:
    cash = await served.read("cash 3")
    assert cash.splitlines()[0] == "🔴 <b>Cash -15 000 ₽</b> on 22 Nov"
    assert "21 Nov       -14 500          -500 !" in cash
    assert "net          -1 500" in cash
    outliers = await served.read("outliers")
    assert outliers.startswith("<b>7 commissions off in 7 days, 350 ₽ at stake</b>")
    assert "22 Nov OZON oz-mugs\n" in outliers
    assert "+50 ₽           +50 %" in outliers
    page = await served.ask("export outliers")
    assert page.table is not None
    assert len(page.table.rows) == 7
    assert "<b>Database</b> checks" in await served.read("db")


async def test_service_levels_jobs_and_reports(served: Room) -> None:
    levels = await served.read("slo 30")
    assert "60 of 60 days came in" in levels
    assert "runs were on time" in levels
    assert "0 of 10 runs failed" in await served.read("jobs collect")
    assert "sold" in await served.read("report monthly")
