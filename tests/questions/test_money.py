"""Answers about money, from a real shop's file."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.core.model import Unreadable
from bot.core.ports import Tx
from bot.core.question import WrongArguments
from bot.edges.shop import open_shop
from bot.edges.templates import plain
from bot.questions.pnl import margin
from tests.checks.shop import Shop
from tests.conftest import NOON
from tests.questions import rates
from tests.questions.conftest import Room, labels

TODAY = NOON.date()
PNL = """
CREATE TABLE pnl_daily (d DATE, sku_id INTEGER, marketplace TEXT, revenue_net NUMERIC,
    cogs NUMERIC, gross_profit NUMERIC, refunds NUMERIC, delivery_cost NUMERIC,
    promo_cost NUMERIC, commissions NUMERIC, writeoffs NUMERIC, margin_pct NUMERIC,
    src_hash TEXT, PRIMARY KEY (d, sku_id, marketplace));
"""


@pytest.fixture
def file(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "shop.db")
    shop.run(PNL)
    return shop


@pytest.fixture
async def shop(file: Shop, room: Room) -> AsyncIterator[Room]:
    opened = open_shop(f"sqlite:///{file.path}", sql=room.templates.sql)
    room.shop = opened
    yield room
    await opened.close()


def earn(file: Shop, ago: int, revenue: float, marketplace: str = "WB", **costs: float) -> None:
    """One day's profit and loss of one SKU."""
    spent = {"cogs": 0.45 * revenue, "commissions": 0.1 * revenue, "delivery_cost": 0.0, **costs}
    file.write(
        "INSERT INTO pnl_daily (d, sku_id, marketplace, revenue_net, cogs, commissions,"
        " delivery_cost, promo_cost, gross_profit) VALUES (?, 1, ?, ?, ?, ?, ?, 0, ?)",
        [
            (
                str(TODAY - timedelta(days=ago)),
                marketplace,
                revenue,
                spent["cogs"],
                spent["commissions"],
                spent["delivery_cost"],
                revenue - sum(spent.values()),
            )
        ],
    )


async def test_profit_is_compared_with_the_days_before(shop: Room, file: Shop) -> None:
    for ago in range(1, 15):
        earn(file, ago, 1000 if ago <= 7 else 500)
    earn(file, 0, 999_999)  # today is not over
    text = await shop.read("pnl")
    assert "Revenue               7 000 ▲  100 %" in text
    assert "Profit                3 150 ▲  100 %" in text
    assert "Margin                 45 % =    0.0" in text
    page = await shop.ask("export pnl 3")
    assert page.table is not None
    assert [row["day"] for row in page.table.rows] == ["2026-11-22", "2026-11-21", "2026-11-20"]
    assert page.table.rows[0]["margin_pct"] == 45


async def test_days_that_are_missing_are_not_compared_with(shop: Room, file: Shop) -> None:
    for ago in range(1, 10):
        earn(file, ago, 1000)
    text = await shop.read("pnl 7")
    assert "▲" not in text
    assert "arrows" not in text


async def test_no_profit_and_loss_is_said(shop: Room, file: Shop) -> None:
    with pytest.raises(Unreadable) as nothing:
        await shop.ask("pnl")
    assert nothing.value.why.key == "pnl_nothing"
    file.run("DROP TABLE pnl_daily")
    with pytest.raises(Unreadable) as missing:
        await shop.ask("pnl")
    assert missing.value.why.key == "shop_missing"


def test_margin_needs_revenue() -> None:
    assert margin(10, 0) is None
    assert margin(-10, 100) == -10


async def test_the_breakdown_has_each_day_and_marketplace(shop: Room, file: Shop) -> None:
    """The newest first, as far as the last balance goes, and the same rows in the file."""
    for n in range(10):
        file.flow(TODAY - timedelta(days=n + 1), -(n + 1), "WB")
        file.flow(TODAY - timedelta(days=n + 1), n + 1, "OZON")
    lines = (await shop.read("flows")).splitlines()
    assert lines[2:4] == ["22 Nov OZON 100  99   1", "22 Nov WB   100 101  -1"]
    assert len([line for line in lines if " Nov " in line]) == 14  # a week of both
    page = await shop.ask("flows 30")
    assert labels(page) == [
        ["Next ▶"],
        ["7 days", "• 30 days", "90 days"],
        ["Cash"],
        ["XLSX", "CSV"],
    ]
    second = await shop.read("page 2 flows 30")
    assert "15 Nov OZON 100  92   8" in second
    assert "16 Nov" not in second
    assert ["Breakdown", "Large outflows", "P&L"] in labels(await shop.ask("cash"))


async def test_without_flows_the_breakdown_says_so(shop: Room, file: Shop) -> None:
    file.run(
        "DROP VIEW vw_cashflow_daily; CREATE VIEW vw_cashflow_daily AS"
        f" SELECT '{TODAY}' AS d, 5 AS cumulative_balance"
    )
    with pytest.raises(Unreadable) as nothing:
        await shop.ask("flows")
    assert nothing.value.why.key == "flows_nothing"


async def test_outflows_over_an_amount(shop: Room, file: Shop) -> None:
    for ago, net in ((1, -4_900), (2, -19_000), (3, -60_000), (100, -90_000), (0, -7_000)):
        file.flow(TODAY - timedelta(days=ago), net)
    text = await shop.read("outflows")
    assert [line.split()[:2] for line in text.splitlines()[2:]] == [
        ["23", "Nov"],
        ["21", "Nov"],
        ["20", "Nov"],
    ]
    assert "60 100" in await shop.read("outflows 20000")
    assert "Nothing found" in await shop.read("outflows 200000")
    assert "90 100" in await shop.read("outflows 50000 120")
    assert ["over 5k", "• over 20k", "over 50k"] in labels(await shop.ask("outflows 20000"))


async def test_rules_with_their_history(shop: Room, file: Shop) -> None:
    file.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, fixed_per_unit,"
        " effective_from, effective_until) VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("WB", "Игрушки", 10, 0, "2025-01-01", "2026-03-01"),
            ("WB", "Игрушки", 12.5, 15, "2026-03-01", None),
            ("WB", "Обувь", 17, 0, "2027-01-01", None),
            ("OZON", "Игрушки", 20, 0, "2025-01-01", None),
        ],
    )
    text = await shop.read("rules wb ИГР")
    assert plain(text).splitlines()[1:-1] == [
        "Игрушки",
        "● 2026-03-01 – now            12.5 %",
        "                    and 15 ₽ a piece",
        "  2025-01-01 – 2026-02-28       10 %",
    ]
    assert "●" not in (await shop.read("rules wb обувь")).splitlines()[2]
    assert (await shop.read("rules wb меха")).startswith("❔ <b>WB has no commission rule for")
    page = await shop.ask("export rules wb ИГР")
    assert page.table is not None
    assert len(page.table.rows) == 2
    with pytest.raises(WrongArguments):
        await shop.ask("rules")


async def test_rules_tell_who_made_them_here(shop: Room, file: Shop) -> None:
    """One by Ann, one that was undone and made again by others, one broken off before it held."""
    rule = ("OZON", "Toys", 12.5, "2026-11-01", None)
    others = ("OZON", "Hats", 9, "2026-11-02", None)
    file.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from,"
        " effective_until) VALUES (?, ?, ?, ?, ?)",
        [rule, ("OZON", "Toys", 10, "2025-01-01", "2026-11-01"), others],
    )
    first, second = date(2026, 11, 1), date(2026, 11, 2)

    def changes(tx: Tx) -> None:
        tx.runs.add(rates.changed(1, NOON, since=first))
        taken_back = tx.runs.add(rates.changed(2, NOON, category="Hats", rate="9", since=second))
        rates.undone(tx, taken_back, NOON)
        tx.runs.add(rates.changed(3, NOON, rate="10", since=second, who="Eve"))

    await shop.store.write(changes)
    assert plain(await shop.read("rules ozon")).splitlines()[1:] == [
        "Hats",
        "● 2026-11-02 – now               9 %",
        "Toys",
        "● 2026-11-01 – now            12.5 %",
        "                              by Ann",
        "  2025-01-01 – 2026-10-31       10 %",
        "● holds today; both days included; without a name: not made with /rate",
    ]
    page = await shop.ask("export rules ozon")
    assert page.table is not None
    assert "Ann" in str(page.table.rows)


async def test_rules_of_a_later_release_are_named(shop: Room, file: Shop) -> None:
    file.run(
        "DROP VIEW vw_commission_recon; DROP TABLE commission_rules;"
        "CREATE TABLE commission_rules (marketplace TEXT, dt_from DATE, rule_json TEXT)"
    )
    with pytest.raises(Unreadable) as later:
        await shop.ask("rules wb")
    said = shop.templates.say_plain(later.value.why)
    assert "dt_from and rule_json instead of rate_pct" in said
    file.run("ALTER TABLE commission_rules DROP COLUMN rule_json")
    with pytest.raises(Unreadable) as missing:
        await shop.ask("rules wb")
    assert missing.value.why.key == "shop_missing"


async def test_the_outlook_of_the_cash(shop: Room, file: Shop) -> None:
    """400 a day go out more than come in; payouts stop three days ago; delivery rises."""
    for ago in range(35, 0, -1):
        earn(file, ago, 1000, cogs=0.0, delivery_cost=300.0 if ago == 1 else 100.0)
    file.flow(TODAY - timedelta(days=29), 30_000)
    for ago in range(28, 0, -1):
        day = str(TODAY - timedelta(days=ago))
        inflow = 800 if ago > 3 else 0
        file.write(
            "INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net)"
            " VALUES (?, 'WB', ?, 1100, ?)",
            [(day, inflow, inflow - 1100)],
        )
    text = await shop.read("cash")
    # 30 000 - 25 x 300 - 3 x 1100 = 19 200, and -10 000 is the limit
    assert "💰 <b>Cash 19 200 ₽</b> on 22 Nov" in text
    assert "📉 -386 ₽ a day over 28 days: the limit is 75 days away" in text
    assert "⚠️ Reserve: 17 days of what goes out; 30 are wanted" in text
    assert "⏳ WB is late by 3 days: about 2 400 ₽ missing" in text
    assert "! Delivery         300   100" in text
    assert labels(await shop.ask("cash")) == [
        ["Breakdown", "Large outflows", "P&L"],
        ["Letter WB", "Letter Ozon", "Notify finance"],
        ["XLSX", "CSV"],
    ]


async def test_without_profit_and_loss_the_outlook_says_what_it_lacks(
    shop: Room, file: Shop
) -> None:
    file.run("DROP TABLE pnl_daily")
    file.flow(TODAY - timedelta(days=1), 500)
    text = await shop.read("cash")
    assert "📈 +500 ₽ a day over 1 day" in text
    assert "❔ Costs and payouts: The shop's database lacks pnl_daily" in text.replace(
        "&#39;", "'"
    )


async def test_the_outliers_of_one_article_by_name_or_id(shop: Room, file: Shop) -> None:
    file.stock_skus()
    file.rule("WB")
    file.sell(*(TODAY - timedelta(days=ago) for ago in range(1, 8)))
    for sku in (1, 2):
        file.overcharge(TODAY - timedelta(days=2), sku, 300)
    assert (await shop.read("outliers")).startswith("<b>2 commissions off in 7 days")
    for said in ("wb-hats", "2"):
        text = await shop.read(f"outliers 7 {said}")
        assert (
            text.splitlines()[0] == f"<b>1 commission off in 7 days, 200 ₽ at stake</b> · {said}"
        )
        assert "wb-socks" not in text
        assert "· WB <b>One-off fee</b>: 2 articles, all; 400 ₽" in text  # its group
    assert "One-off fee" in await shop.read("outliers")
    assert (await shop.read("outliers 7 'OR'1'='1")).startswith("❔ No commissions")
    assert (await shop.read("outliers 7 nobody")).startswith("❔ No commissions of nobody")
    page = await shop.ask("export outliers 7 wb-hats")
    assert page.table is not None
    assert [row["article"] for row in page.table.rows] == ["wb-hats"]


async def test_outliers_without_categories_say_why_there_are_no_causes(
    shop: Room, file: Shop
) -> None:
    file.stock_skus()
    file.rule("WB")
    file.sell(TODAY - timedelta(days=1))
    file.overcharge(TODAY - timedelta(days=1), 1, 300)
    file.run("ALTER TABLE sku RENAME COLUMN category TO kind")
    text = await shop.read("outliers")
    assert "1 commission off" in text
    assert "❔ Causes: " in text
    assert "sku.category" in text


async def test_a_profit_that_is_not_known_is_not_nought(shop: Room, file: Shop) -> None:
    """Goods without a price leave two days without a profit: they neither earn nor lose."""
    for ago in range(1, 15):
        earn(file, ago, 1000)
    file.run("UPDATE pnl_daily SET cogs = NULL, gross_profit = NULL WHERE d >= '2026-11-21'")
    text = await shop.read("pnl")
    assert "Revenue               7 000 =" in text
    assert "Profit                2 250\n" in text
    assert "Margin                 45 %</pre>" in text
    assert "22 Nov   1 000      –      –" in text
    assert "❔ Profit: not known on 2 of 7 days, the sum is of the others" in text
    page = await shop.ask("export pnl 3")
    assert page.table is not None
    assert [row["profit_rub"] for row in page.table.rows] == [None, None, 450]
    assert "Profit                    –\n" in await shop.read("pnl 2")


async def test_what_is_usual_takes_a_week_to_be_known(shop: Room, file: Shop) -> None:
    earn(file, 1, 1000, cogs=0.0)
    file.flow(TODAY - timedelta(days=1), 500)
    text = await shop.read("cash")
    assert "<b>Costs of 22 Nov, ₽</b>" in text
    assert "usual" not in text


async def test_what_a_marketplace_owes_also_where_a_cost_is_not_kept(
    shop: Room, file: Shop
) -> None:
    for ago in range(1, 40):
        earn(file, ago, 1000, cogs=0.0)
        file.flow(TODAY - timedelta(days=ago), 0)
    file.run("UPDATE pnl_daily SET promo_cost = NULL, delivery_cost = NULL")
    assert "WB is late by 25 days: about 22 400 ₽ missing" in await shop.read("cash")
