"""What is older than it has to be kept, from a real shop's file."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import Person, Role
from bot.core.params import parse
from bot.core.retention import Keep
from bot.core.tools import TableInfo
from bot.core.verbs import Verb
from bot.edges.shop import open_shop
from bot.questions import retention
from tests.checks.shop import Shop
from tests.conftest import NOON
from tests.fakes import FakeShop
from tests.questions.conftest import Room, labels

TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    yield keeping(room, Keep("daily_sales", 180))
    await opened.close()


def keeping(room: Room, *keeps: Keep) -> Room:
    room.book = replace(room.book, policy=replace(room.book.policy, retention=keeps))
    return room


async def test_the_day_that_is_kept_last_stays(shop: Room, file: Shop) -> None:
    file.sell(TODAY - 180 * DAY, TODAY - 181 * DAY, TODAY - 400 * DAY, TODAY, skus=(1, 2))

    text = await shop.read("retention")

    assert text.splitlines()[:4] == [
        "<b>Older than it has to be kept</b>",
        "",
        "<b>daily_sales</b>, kept for 180 days",
        "🗄 <b>4</b> rows before 27 May 2026, about 600 B; the oldest is of 2025-10-19",
    ]
    page = await shop.ask("retention")
    archive = page.keys[0][0]
    assert (archive.label, archive.verb, archive.arg) == (
        "Archive",
        Verb.DO,
        "remediate_archive 180",
    )
    # what the button says is what the command takes
    action = shop.book.remediations["remediate_archive"]
    assert parse(action, ["180"]) == {"days": 180}


async def test_who_may_not_archive_has_no_button_for_it(shop: Room, file: Shop) -> None:
    file.sell(TODAY - 200 * DAY)
    boris = Person(id=1002, name="Boris", role=Role.MANAGER)
    assert labels(await shop.ask("retention", boris)) == [["XLSX", "CSV"]]


async def test_nothing_old_has_no_button(shop: Room, file: Shop) -> None:
    file.sell(TODAY - 180 * DAY, TODAY)
    assert "✅ nothing before 27 May 2026" in await shop.read("retention")
    assert labels(await shop.ask("retention")) == [["XLSX", "CSV"]]


async def test_what_is_missing_is_named_and_hides_no_other_table(shop: Room, file: Shop) -> None:
    keeping(shop, Keep("daily_stock", 365), Keep("daily_sales", 180), Keep("job_runs", 90))
    file.sell(TODAY - 200 * DAY)
    file.job("collect", f"{TODAY - 91 * DAY} 23:59:59")
    file.job("collect", f"{TODAY - 90 * DAY} 00:00:00")

    text = await shop.read("retention")

    assert "lacks daily_stock" in text
    assert "<b>4</b> rows before 27 May" in text
    assert "<b>1</b> rows before 25 Aug" in text
    assert "No action moves these away" in text.split("job_runs")[1]
    assert labels(await shop.ask("retention"))[:-1] == [["Archive"]]
    table = (await shop.ask("export retention")).table
    assert table is not None
    assert [(row["table"], row["rows"], row["oldest"]) for row in table.rows] == [
        ("daily_stock", None, None),
        ("daily_sales", 4, str(TODAY - 200 * DAY)),
        ("job_runs", 1, str(TODAY - 91 * DAY)),
    ]


async def test_counting_stops_where_more_changes_nothing(
    shop: Room, file: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 3)
    file.sell(TODAY - 200 * DAY)
    assert "🗄 at least <b>3</b> rows" in await shop.read("retention")


async def test_only_the_index_is_read(shop: Room, file: Shop) -> None:
    file.sell(TODAY - 200 * DAY)
    text = await shop.read("explain retention")
    assert "SEARCH t USING COVERING INDEX" in text
    assert not any(line.startswith("!") for line in text.splitlines())


async def test_sizes_are_the_database_s_own_where_it_has_them(room: Room) -> None:
    shop = FakeShop(
        answers={"retention/daily_sales.sql.j2": [{"row_count": 1_000, "first_day": "2025-01-01"}]}
    )
    shop.catalogue = [TableInfo(name="daily_sales", rows=10_000, size_bytes=5_000_000)]
    room.shop = shop
    text = await keeping(room, Keep("daily_sales", 180)).read("retention")
    assert "<b>1 000</b> rows before 27 May 2026, about 500 kB" in text


async def test_where_it_is_off_nothing_is_asked(room: Room) -> None:
    page = await keeping(room).ask("retention")
    assert page.keys == []
    assert "RETENTION_DAYS is off" in await room.read("retention")
