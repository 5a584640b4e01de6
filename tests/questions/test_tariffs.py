"""`/tariffs` over a real shop's rules: what differs, and the buttons that would change it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.markets import Answer, Verdict
from bot.core.model import Person, Role, Unreadable
from bot.core.params import parse
from bot.core.tariffs import NoTariffs, Tariff, TariffList
from bot.core.verbs import Verb
from bot.edges.shop import open_shop
from tests.checks.shop import Shop
from tests.conftest import NOON
from tests.questions.conftest import ACTIONS, ANN, Room, labels

FETCHED = TariffList(
    at=NOON - timedelta(minutes=5),
    column="kgvpMarketplace",
    tariffs=[
        Tariff(parent="Toys", subject="Bears", rate_pct=15.5),
        Tariff(parent="Toys", subject="Dolls", rate_pct=10),
        Tariff(parent="Home", subject="Big cups", rate_pct=17.25),
        Tariff(parent="Home", subject="Hats", rate_pct=12),
    ],
)


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    room.tariffs = NoTariffs(FETCHED)
    yield room
    await opened.close()


def rules(file: Shop, *rows: tuple[str, str, float, str, str | None]) -> None:
    file.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from,"
        " effective_until) VALUES (?, ?, ?, ?, ?)",
        list(rows),
    )


async def test_each_difference_is_proposed_with_its_tariff_from_today_on(
    shop: Room, file: Shop
) -> None:
    rules(
        file,
        ("WB", "BIG cups", 15, "2026-01-01", None),
        ("WB", "Toys", 12, "2026-01-01", None),
        ("WB", "Hats", 12, "2026-01-01", None),
        ("WB", "Hats", 9, "2025-01-01", "2026-01-01"),  # is over
        ("WB", "Boats", 12, "2026-01-01", None),
        ("OZON", "Bears", 1, "2026-01-01", None),
    )
    page = await shop.ask("tariffs")
    assert labels(page)[:2] == [["Set 17.25 %: BIG cups"], ["Rules Ozon"]]
    key = page.keys[0][0]
    assert key.verb is Verb.DO
    name, *words = key.arg.split()
    assert parse(ACTIONS[name], words) == {
        "marketplace": "WB",
        "rate": "17.25",
        "from": "today",
        "category": "BIG cups",
    }
    assert (await shop.read("tariffs")).splitlines() == [
        "🟡 <b>2 of 4 WB rules differ from the tariffs</b>",
        "<pre>                   our rule → tariff",
        "BIG cups",
        "                      15 % → 17.25 %",
        "Toys",
        "                 12 % → 10 to 15.5 %</pre>",
        "“to”: the subjects of that category differ, so nothing is proposed.",
        "✅ 1 as the tariffs say",
        "❔ No tariff of that name: Boats",
        "<i>Tariffs for FBS (our warehouse), 4 subjects, fetched 14:55.</i>",
        "<i>Ozon has no such list to fetch; ours: /rules OZON.</i>",
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER])
async def test_who_may_not_change_rates_sees_no_button_for_it(
    shop: Room, file: Shop, role: Role
) -> None:
    rules(file, ("WB", "Big cups", 15, "2026-01-01", None))
    page = await shop.ask("tariffs", Person(id=1003, name="Vera", role=role))
    assert [key.verb for row in page.keys for key in row if key.verb is Verb.DO] == []
    assert page.values["differ"] == 1


async def test_a_change_that_is_on_its_way_is_not_proposed_again(shop: Room, file: Shop) -> None:
    rules(
        file,
        ("WB", "Big cups", 15, "2026-01-01", "2026-12-01"),
        ("WB", "Big cups", 17.25, "2026-12-01", None),
        ("WB", "Hats", 10, "2026-11-23", None),  # from today: /rate would refuse
    )
    page = await shop.ask("tariffs")
    assert (page.values["differ"], page.values["rules"]) == (2, 2)
    assert labels(page)[0] == ["Rules Ozon"]


async def test_one_category_by_a_part_of_its_name(shop: Room, file: Shop) -> None:
    rules(
        file,
        ("WB", "Big cups", 15, "2026-01-01", None),
        ("WB", "Hats", 9, "2026-01-01", None),
    )
    assert labels(await shop.ask("tariffs HAT"))[0] == ["Set 12 %: Hats"]


async def test_at_most_six_at_once_and_all_of_them_in_the_file(shop: Room, file: Shop) -> None:
    shop.tariffs = NoTariffs(
        replace(
            FETCHED,
            tariffs=[
                Tariff(parent="p", subject=f"Category {n}", rate_pct=20 + n) for n in range(9)
            ],
        )
    )
    rules(file, *(("WB", f"Category {n}", 5.0, "2026-01-01", None) for n in range(9)))
    page = await shop.ask("tariffs")
    assert [key.label for row in page.keys for key in row if key.verb is Verb.DO] == [
        f"Set {20 + n} %: Category {n}" for n in range(8, 2, -1)
    ]
    assert "3 more: in the file" in await shop.read("tariffs")
    table = (await shop.ask("export tariffs")).table
    assert table is not None
    assert len(table.rows) == 9
    assert table.rows[0] == {
        "category": "Category 8",
        "rule_pct": 5,
        "rule_since": "2026-01-01",
        "tariff_from_pct": 28,
        "tariff_to_pct": 28,
        "result": "differs",
        "tariff_of": "kgvpMarketplace",
        "fetched_at": "2026-11-23T11:55:00+00:00",
    }


async def test_all_as_the_tariffs_say(shop: Room, file: Shop) -> None:
    rules(file, ("WB", "hats", 12, "2026-01-01", None))
    text = await shop.read("tariffs")
    assert text.startswith("✅ <b>The WB rule is as the tariffs say.</b>")


async def test_a_failure_says_why_and_offers_no_change(shop: Room, file: Shop) -> None:
    rules(file, ("WB", "Big cups", 15, "2026-01-01", None))
    shop.tariffs = NoTariffs(Answer(at=NOON, verdict=Verdict.WITHDRAWN, status=401))
    page = await shop.ask("tariffs", ANN)
    assert labels(page) == [["Check keys", "Rules Ozon"]]
    assert "<b>Our key:</b> somebody has withdrawn it (HTTP 401)" in await shop.read("tariffs")
    with pytest.raises(Unreadable) as caught:
        await shop.ask("export tariffs")
    assert caught.value.why.key == "tariffs_unread"


async def test_a_missing_table_is_named(shop: Room, file: Shop) -> None:
    file.write("DROP TABLE commission_rules", [()])
    with pytest.raises(Unreadable) as caught:
        await shop.ask("tariffs")
    assert "commission_rules" in str(caught.value.why.values)
