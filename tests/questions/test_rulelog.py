"""The log of commission rates: the assistant's runs beside the shop's own table."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.core.ports import Tx
from bot.core.records import Run, RunState
from bot.edges.shop import open_shop
from tests.checks.shop import Shop
from tests.conftest import NOON
from tests.questions import rates
from tests.questions.conftest import Room, labels

DAY = timedelta(days=1)
FOOT = (
    "<i>Roubles: by how much more (+) or less commission, at the sales of the days before."
    " /rules has what holds.</i>"
)


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    yield room
    await opened.close()


def rules(file: Shop, *rows: tuple[str, float, str | None], category: str = "Toys") -> None:
    file.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from,"
        " effective_until) VALUES ('OZON', ?, ?, ?, ?)",
        [(category, rate, since, until) for since, rate, until in rows],
    )


def _add(tx: Tx, run: Run) -> None:
    tx.runs.add(run)


async def log(shop: Room, said: str = "rulelog") -> list[dict[str, object]]:
    table = (await shop.ask(f"export {said}")).table
    assert table is not None
    return [dict(row) for row in table.rows]


async def test_a_change_its_undoing_and_what_others_did(shop: Room, file: Shop) -> None:
    when = NOON - 5 * DAY
    rules(file, ("2025-01-01", 10, "2026-11-20"), ("2026-11-20", 11, None))
    run = await shop.store.write(lambda tx: tx.runs.add(rates.changed(1, when)))
    await shop.store.write(lambda tx: rates.undone(tx, run, when + timedelta(minutes=6)))

    text = await shop.read("rulelog")
    assert text.splitlines() == [
        "<b>2 rate changes in 30 days</b>",
        "",
        "OZON <b>Toys</b>: 10 % → <b>11 %</b> from 2026-11-20",
        "<i>not through the assistant</i>",
        "",
        "↩️ OZON <b>Toys</b>: 10 % → <b>12.5 %</b> from 2026-11-18",
        "<i>Ann, 18 Nov 15:00 · +2 500 ₽ in 30 days</i>",
        "<i>undone by Boris, 18 Nov 15:06</i>",
        "",
        FOOT,
    ]
    assert await log(shop) == [
        {
            "changed_at": "2026-11-20 00:00",
            "by": "not by the assistant",
            "marketplace": "OZON",
            "category": "Toys",
            "old_pct": 10,
            "new_pct": 11,
            "from": "2026-11-20",
            "effect_rub": None,
            "effect_days": None,
            "undone_by": None,
            "undone_at": None,
            "changed_since": False,
            "run": None,
        },
        {
            "changed_at": "2026-11-18 15:00",
            "by": "Ann",
            "marketplace": "OZON",
            "category": "Toys",
            "old_pct": 10,
            "new_pct": 12.5,
            "from": "2026-11-18",
            "effect_rub": 2_500,
            "effect_days": 30,
            "undone_by": "Boris",
            "undone_at": "2026-11-18 15:06",
            "changed_since": False,
            "run": 1,
        },
    ]


async def test_what_the_assistant_did_is_nobody_elses_work(shop: Room, file: Shop) -> None:
    """Also where it was asked for long before the day that the rate holds from."""
    rules(file, ("2026-11-20", 12.5, None))
    since = (NOON - 3 * DAY).date()
    early = rates.changed(1, NOON - 60 * DAY, since=since)
    await shop.store.write(lambda tx: tx.runs.add(early))

    assert (await shop.ask("rulelog")).values["total"] == 0
    assert [row["by"] for row in await log(shop, "rulelog 90")] == ["Ann"]


async def test_a_rule_that_somebody_changed_afterwards_is_marked(shop: Room, file: Shop) -> None:
    rules(file, ("2026-11-18", 13, None))
    await shop.store.write(lambda tx: tx.runs.add(rates.changed(1, NOON - 5 * DAY)))

    found = await log(shop)

    assert [(row["by"], row["new_pct"], row["changed_since"]) for row in found] == [
        ("Ann", 12.5, True),
        ("not by the assistant", 13, False),
    ]
    assert "somebody has changed this rule since" in await shop.read("rulelog")


async def test_what_a_crash_broke_off_after_the_change_is_ours(shop: Room, file: Shop) -> None:
    when = NOON - 5 * DAY
    broken = replace(rates.changed(1, when, state=RunState.INTERRUPTED), started_at=when)
    await shop.store.write(partial(_add, run=broken))
    assert (await shop.ask("rulelog")).values["total"] == 0  # before it, then

    rules(file, ("2026-11-18", 12.5, None))

    assert [row["by"] for row in await log(shop)] == ["Ann"]


async def test_what_was_refused_or_failed_changed_nothing(shop: Room) -> None:
    for state in (RunState.FAILED, RunState.REFUSED, RunState.CANCELLED, RunState.PROPOSED):
        run = rates.changed(1, NOON - DAY, state=state)
        await shop.store.write(partial(_add, run=run))
    page = await shop.ask("rulelog")
    assert page.values["total"] == 0
    assert labels(page) == []


async def test_with_rules_of_a_later_release_the_own_changes_are_told(
    shop: Room, file: Shop
) -> None:
    await shop.store.write(lambda tx: tx.runs.add(rates.changed(1, NOON - DAY)))
    file.run("ALTER TABLE commission_rules RENAME COLUMN rate_pct TO rule_json")

    text = await shop.read("rulelog")

    assert "Ann, 22 Nov 15:00" in text
    assert "somebody has changed" not in text
    assert "❔ Changes by others: " in text
    assert "rate_pct" in text


async def test_many_are_turned_by_pages(shop: Room, file: Shop) -> None:
    rules(file, *((f"2026-11-{day:02}", day, None) for day in range(1, 21)))
    assert labels(await shop.ask("rulelog"))[0] == ["Next ▶"]
    assert labels(await shop.ask("page 2 rulelog"))[0] == ["◀ Previous", "Next ▶"]
    page = await shop.ask("page 9 rulelog")
    assert labels(page)[0] == ["◀ Previous"]
    assert "· page 3 of 3" in await shop.read("page 9 rulelog")
    assert len(await log(shop)) == 20


async def test_the_month_names_them_and_offers_the_file(shop: Room, file: Shop) -> None:
    rules(file, *((f"2026-11-{day:02}", day, None) for day in range(1, 7)))
    page = await shop.ask("report monthly")
    text = await shop.read("report monthly")
    assert "<b>Commission rates: 6 changes</b>" in text
    assert "<i>and 2 more: /rulelog 30</i>" in text
    assert labels(page) == [["Rate changes", "Rate changes XLSX"], ["Weekly"]]
    file_key = page.keys[0][1]
    assert (await shop.ask(file_key.arg)).table is not None
