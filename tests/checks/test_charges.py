"""What the weeks before have not seen: a kind of charge, a category that pays a commission."""

from collections.abc import Callable

import pytest

from bot.core.model import Reading, Status
from bot.core.tools import Tools
from bot.edges.templates import Templates, plain
from checks import _charges
from checks.commission_outliers import Config, detect
from tests.checks.fakes import moment, spaced
from tests.checks.shop import ONE_DAY, Shop

TODAY, YESTERDAY = moment().today, moment().yesterday
SINCE, UNTIL = str(TODAY - 7 * ONE_DAY), str(TODAY + ONE_DAY)


@pytest.fixture
def trading(shop: Shop) -> Shop:
    """Two months of both marketplaces; the last week of one article of OZON is overcharged."""
    shop.stock_skus()
    shop.rule("WB")
    shop.rule("OZON")
    shop.sell_daily(YESTERDAY)
    for n in range(7):
        shop.overcharge(YESTERDAY - n * ONE_DAY, 3, 150)
    return shop


def promote(shop: Shop, *days: object, skus: tuple[int, ...] = (1, 2, 3, 4)) -> None:
    """Charge each of these sales five roubles of promotion."""
    shop.write(
        "UPDATE daily_sales SET promo_cost = 5 WHERE d = ? AND sku_id = ?",
        [(str(day), sku) for day in days for sku in skus],
    )


async def found(tools: Tools) -> list[_charges.Charge] | None:
    return await _charges.read(tools, SINCE, UNTIL)


async def test_what_was_always_charged_is_not_new(trading: Shop, tools: Tools) -> None:
    trading.run("UPDATE daily_sales SET delivery_cost = 10, promo_cost = 0")
    assert await found(tools) == []


async def test_a_kind_of_charge_that_begins(trading: Shop, tools: Tools) -> None:
    promote(trading, YESTERDAY, skus=(1, 2))
    assert await found(tools) == [
        {"marketplace": "WB", "kind": "promo", "category": "", "rub": 10.0}
    ]


async def test_a_category_that_begins_to_pay(trading: Shop, tools: Tools) -> None:
    trading.run("INSERT INTO sku (id, marketplace, category) VALUES (9, 'OZON', 'Toys')")
    trading.sell(YESTERDAY, YESTERDAY - ONE_DAY, skus=(9,))
    assert await found(tools) == [
        {"marketplace": "OZON", "kind": "category", "category": "Toys", "rub": 200.0}
    ]
    trading.sell(TODAY - 20 * ONE_DAY, skus=(9,))  # it was there before
    assert await found(tools) == []


async def test_what_is_older_than_five_weeks_is_not_looked_at(trading: Shop, tools: Tools) -> None:
    promote(trading, YESTERDAY, TODAY - 50 * ONE_DAY)
    charges = await found(tools)
    assert charges is not None
    assert {str(one["kind"]) for one in charges} == {"promo"}


async def test_a_marketplace_without_a_past_has_nothing_new(shop: Shop, tools: Tools) -> None:
    shop.stock_skus()
    shop.sell_daily(YESTERDAY, days=5)
    assert await found(tools) == []


async def test_without_their_columns_nothing_is_said(trading: Shop, tools: Tools) -> None:
    trading.run("DROP VIEW vw_commission_recon; ALTER TABLE daily_sales DROP COLUMN promo_cost")
    assert await found(tools) is None


async def test_the_card_names_them_for_its_own_marketplace(
    trading: Shop, tools: Tools, templates: Templates, say: Callable[[str, Reading], str]
) -> None:
    promote(trading, YESTERDAY)
    trading.run("INSERT INTO sku (id, marketplace, category) VALUES (9, 'OZON', 'Toys <b>')")
    trading.sell(YESTERDAY, skus=(9,))
    wb, ozon = await detect(tools, moment(), config=Config())
    assert (wb.status, ozon.status) == (Status.OK, Status.FIRING)
    assert say("check_commission_outliers", ozon).startswith("7 commissions of OZON differ")
    card = templates.block("commission_outliers/card.html.j2", "facts", facts=ozon.facts)
    lines = spaced(plain(card)).splitlines()
    assert "New in 7 days commission of Toys <b>: 100 ₽, none in the 4 weeks before" in lines
    assert "· Promo: 10 ₽, none in the 4 weeks before" in lines
    assert len([line for line in lines if "4 weeks before" in line]) == 2
