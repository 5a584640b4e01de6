"""WB, wb and Wb are one marketplace, whatever part of the shop spells it otherwise."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.core.runbook import Refused
from bot.edges.shop import open_edits, open_shop
from bot.remediations import remediate_rate
from tests.checks.shop import Shop
from tests.checks.test_on_postgres import TYPES, database
from tests.conftest import NOON
from tests.questions.conftest import Room
from tests.questions.test_money import PNL, earn
from tests.remediations.fakes import JOB, tools

__all__ = ["database"]  # a fixture

TODAY = NOON.date()


@pytest.fixture
async def file(tmp_path: Path, room: Room) -> AsyncIterator[Shop]:
    """The flows of the last days, half the articles and the rules are spelled otherwise."""
    shop = Shop(tmp_path / "shop.db")
    shop.run(PNL)
    shop.stock_skus()
    shop.rule("Wb")
    shop.sell_daily(TODAY - timedelta(days=1), 40)
    for ago in range(1, 41):
        earn(shop, ago, 1000, "wb" if ago < 4 else "WB", cogs=0.0)
        shop.flow(TODAY - timedelta(days=ago), 10, "wb" if ago < 6 else "WB")
    shop.run(
        "UPDATE cashflow_daily SET inflow = 900, outflow = 890;"
        "UPDATE sku SET marketplace = 'Wb' WHERE id = 1;"
        "INSERT INTO sku (id, article) VALUES (9, 'nobodys');"
    )
    shop.sell(TODAY - timedelta(days=1), skus=(9,))
    room.shop = open_shop(f"sqlite:///{shop.path}", sql=room.templates.sql)
    yield shop
    await room.shop.close()


@pytest.mark.usefixtures("file")
async def test_sums_of_a_marketplace_are_one_sum(room: Room) -> None:
    cash = await room.read("cash")
    assert "WB 6 300 6 230  70" in cash
    assert "late" not in cash
    assert "wb" not in cash
    sales = await room.read("ingest")
    assert "<b>WB</b>: 22 Nov is here, 2 rows" in sales
    assert "Wb" not in sales
    brief = await room.read("brief")
    assert "<b>WB 2 000 ₽</b>" in brief
    assert "None" not in brief
    assert "<b>? 1 000 ₽</b>" in brief
    assert "In the last 7 days 6 300 ₽ came in" in await room.read("letter wb")
    assert "? " in await room.read("report monthly")
    assert "None" not in await room.read("report monthly")


async def test_rules_are_found_and_changed_as_they_are_spelled(room: Room, file: Shop) -> None:
    assert "2020-01-01 – now" in await room.read("rules wb")
    edits = open_edits(f"sqlite:///{file.path}", sql=room.templates.sql)
    args = {"marketplace": "WB", "rate": "15", "from": "2026-11-20", "category": "all"}
    seeing = tools(shop=room.shop, edits=edits)
    before = await remediate_rate.preflight(seeing, replace(JOB, args=args))
    assert not isinstance(before, Refused)
    assert before["skus"] == 2
    job = replace(JOB, args=args, before=before)
    await remediate_rate.act(seeing, job)
    await remediate_rate.verify(seeing, job, {})
    await edits.close()
    kept = file.select("SELECT marketplace, rate_pct FROM commission_rules ORDER BY id")
    assert kept == [("Wb", 10), ("Wb", 15)]
    assert "WB <b>all</b>: 10 % → <b>15 %</b>" in await room.read("rulelog")


async def test_outliers_that_a_view_calls_true(room: Room, database: str) -> None:
    """What stood for 1 in SQLite is a boolean where the view was moved as it was."""
    view = " ".join(TYPES[TYPES.index("CREATE VIEW vw_commission_recon") :].split())
    flag = "CASE WHEN x.delta_pct IS NULL THEN NULL WHEN ABS(x.delta_pct) > 5 THEN 1 ELSE 0 END"
    assert flag in view
    with psycopg.connect(database) as connection:
        connection.execute(
            b"DROP VIEW vw_commission_recon; UPDATE sku SET marketplace = 'Ozon' WHERE id = 2;"
            b" UPDATE commission_rules SET marketplace = 'Ozon' WHERE marketplace = 'OZON'"
        )
        connection.execute(view.replace(flag, "ABS(x.delta_pct) > 5").encode())
    room.shop = open_shop(database, sql=room.templates.sql)
    assert (await room.read("outliers")).startswith(
        "<b>7 commissions off in 7 days, 350 ₽ at stake</b>\nOZON: 7"
    )
    facts = await room.book.runbooks["check_commission_outliers"].detect(
        tools(shop=room.shop, memory=room.memory), JOB.moment
    )
    assert {one.subject: one.status.value for one in facts} == {"OZON": "firing", "WB": "ok"}
    await room.shop.close()
