from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.core.causes import Cause
from bot.core.model import Reading, Row, Severity, Status, Unreadable
from bot.core.tools import ShopDatabase, Tools
from bot.edges.memory import StoredMemory
from bot.edges.store import SqlStore
from checks._causes import suggested
from checks._explained import Explained
from checks.commission_outliers import Config, detect, judge, outliers
from tests import wide
from tests.checks.fakes import NOON, Asked, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

YESTERDAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def sums(marketplace: str = "WB", off: int | None = 0, rows: int = 100, judged: int = 100) -> Row:
    return {
        "marketplace": marketplace,
        "total_rows": rows,
        "judged_rows": judged,
        "outliers": off,
        "at_stake_rub": 12_345.678,
        "overcharged_rub": None,
    }


def look(*rows: Row, **opened: object) -> dict[str, Reading]:
    at = moment(opened=dict.fromkeys(opened, NOON))
    return {reading.subject: reading for reading in judge(rows, at, Config(), Explained())}


@pytest.mark.parametrize("off", [0, 5, None])
def test_up_to_five_are_healthy(off: int | None) -> None:
    assert look(sums(off=off))["WB"].status is Status.OK


def test_more_than_five_are_not() -> None:
    reading = look(sums(off=6))["WB"]

    assert (reading.status, reading.severity) == (Status.FIRING, Severity.WARNING)
    assert reading.facts["outliers"] == 6
    assert reading.facts["at_stake_rub"] == 12_345.68
    assert reading.facts["overcharged_rub"] == 0


def test_each_marketplace_is_judged_alone() -> None:
    found = look(sums("WB", off=4), sums("OZON", off=9))

    assert (found["WB"].status, found["OZON"].status) == (Status.OK, Status.FIRING)


def test_no_rows_of_one_marketplace_is_nobodys_fault() -> None:
    reading = look(sums("WB"))["OZON"]

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


def test_no_rows_at_all_is_somebodys() -> None:
    found = look()

    assert {(r.status, r.idle) for r in found.values()} == {(Status.UNKNOWN, False)}
    assert found.keys() == {"WB", "OZON"}


def test_commissions_without_any_rule_are_not_right_ones() -> None:
    reading = look(sums(rows=100, judged=0))["WB"]

    assert (reading.status, reading.idle) == (Status.UNKNOWN, False)


def test_an_open_alert_of_a_vanished_marketplace_does_not_heal() -> None:
    assert look(sums("WB"), YANDEX=True)["YANDEX"].status is Status.UNKNOWN


@pytest.fixture
def trading(shop: Shop) -> Shop:
    """Sixty days of right commissions."""
    shop.stock_skus()
    shop.rule("WB")
    shop.rule("OZON")
    shop.sell_daily(YESTERDAY)
    return shop


@pytest.mark.usefixtures("trading")
async def test_a_healthy_shop(tools: Tools) -> None:
    found = await detect(tools, moment(), config=Config())

    assert {r.subject: r.status for r in found} == {"WB": Status.OK, "OZON": Status.OK}
    assert found[0].facts["rows"] == 14  # two SKUs, seven days


async def test_wrong_commissions_are_found_and_added_up(
    trading: Shop, tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150 + n)
        trading.overcharge(YESTERDAY - n * DAY, 1, 104)  # within five percent

    found = {r.subject: r for r in await detect(tools, moment(), config=Config())}

    assert found["WB"].status is Status.OK
    assert found["OZON"].status is Status.FIRING
    assert found["OZON"].facts["outliers"] == 7
    assert found["OZON"].facts["at_stake_rub"] == 7 * 50 + sum(range(7))
    worst = found["OZON"].facts["worst"]
    assert isinstance(worst, list)
    assert len(worst) == 3
    assert worst[0] == {
        "day": "2026-11-16",
        "article": "oz-mugs",
        "marketplace": "OZON",
        "delta_pct": pytest.approx(56),
        "delta_rub": 56,
    }
    words = "7 commissions of OZON differ from the rules: 371 ₽ at stake"
    assert say("check_commission_outliers", found["OZON"]) == words


async def test_one_article_off_on_all_its_days_has_probably_moved(
    trading: Shop, tools: Tools
) -> None:
    for n in range(8):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    trading.overcharge(YESTERDAY, 4, 900)
    trading.run("UPDATE sku SET category = 'new' WHERE id = 2")

    facts = await outliers(tools, moment(), config=Config())

    assert facts["causes"] == [
        {
            "cause": cause,
            "marketplace": marketplace,
            "category": category,
            "count": 1,
            "articles": [article],
            "stake_rub": stake,
            "shift_pct": shift,
        }
        for cause, marketplace, category, article, stake, shift in (
            ("fee", "OZON", "all", "oz-cups", 800, None),
            ("category", "OZON", "all", "oz-mugs", 350, 50),
            ("rule", "WB", "new", "wb-hats", 0, None),
        )
    ]
    assert suggested(facts) == [Cause.FEE, Cause.CATEGORY, Cause.RULE]
    reading = (await detect(tools, moment(), config=Config()))[1]
    causes = reading.facts["causes"]
    assert isinstance(causes, list)
    assert len(causes) == 2  # those of its own marketplace


async def test_causes_are_asked_for_when_the_outliers_have_changed(
    trading: Shop, tools: Tools
) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    asked = Asked(tools.shop)
    tools = replace(tools, shop=cast("ShopDatabase", asked))

    first = await detect(tools, moment(), config=Config())
    assert asked.taken() == ["sums", "worst", "articles", "charges"]
    assert first[1].facts["causes"]

    for n in range(3):  # each round finds the same
        assert (
            await detect(tools, moment(NOON + n * timedelta(minutes=5)), config=Config()) == first
        )
    assert asked.taken() == ["sums"] * 3

    trading.overcharge(YESTERDAY, 4, 900)
    other = await detect(tools, moment(), config=Config())
    assert asked.taken() == ["sums", "worst", "articles", "charges"]
    assert other[1].facts["causes"] != first[1].facts["causes"]
    assert other[1].facts["worst"] != first[1].facts["worst"]

    trading.run("UPDATE daily_sales SET commission_amount = 100")
    assert (await detect(tools, moment(), config=Config()))[1].status is Status.OK
    assert asked.taken() == ["sums"]


async def test_a_new_day_asks_for_the_causes_anew(trading: Shop, tools: Tools) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    asked = Asked(tools.shop)
    tools = replace(tools, shop=cast("ShopDatabase", asked))
    await detect(tools, moment(), config=Config())
    asked.taken()

    await detect(tools, moment(NOON + DAY), config=Config(max_outliers=0))

    assert asked.taken() == ["sums", "worst", "articles", "charges"]


async def test_the_card_has_its_causes_after_a_restart(
    trading: Shop, tools: Tools, tmp_path: Path
) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    asked, seen = Asked(tools.shop), []
    for _start in range(2):
        store = await SqlStore.open(tmp_path / "state.db")
        memory = StoredMemory(store=store, clock=lambda: NOON)
        started = replace(tools, shop=cast("ShopDatabase", asked), memory=memory)
        seen.append(await detect(started, moment(), config=Config()))
        await store.close()

    assert asked.taken() == ["sums", "worst", "articles", "charges", "sums"]
    assert seen[0] == seen[1]
    assert seen[1][1].facts["causes"]


async def test_causes_that_could_not_be_read_are_asked_for_again(
    trading: Shop, tools: Tools
) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    trading.run("ALTER TABLE sku RENAME COLUMN category TO kind")  # the view follows
    assert (await detect(tools, moment(), config=Config()))[1].facts["causes"] == []

    trading.run("ALTER TABLE sku RENAME COLUMN kind TO category")

    assert (await detect(tools, moment(), config=Config()))[1].facts["causes"]


async def test_without_categories_there_is_still_an_alert(trading: Shop, tools: Tools) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 3, 150)
    trading.run(
        "CREATE TABLE kept AS SELECT * FROM vw_commission_recon; DROP VIEW vw_commission_recon;"
        " ALTER TABLE kept RENAME TO vw_commission_recon;"
        " ALTER TABLE sku DROP COLUMN category;"
    )

    reading = (await detect(tools, moment(), config=Config()))[1]

    assert (reading.status, reading.facts["causes"]) == (Status.FIRING, [])


async def test_too_little_taken_is_at_stake_but_not_overcharged(
    trading: Shop, tools: Tools
) -> None:
    for n in range(6):
        trading.overcharge(YESTERDAY - n * DAY, 1, 40)

    reading = (await detect(tools, moment(), config=Config()))[0]

    assert (reading.facts["at_stake_rub"], reading.facts["overcharged_rub"]) == (360, 0)


async def test_the_eighth_day_and_the_future_do_not_count(trading: Shop, tools: Tools) -> None:
    trading.sell("2099-01-01")
    for sku in (1, 2, 3, 4):
        trading.overcharge("2099-01-01", sku, 900)
        for n in range(8, 20):
            trading.overcharge(YESTERDAY - n * DAY, sku, 900)

    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.OK}


async def test_seven_days_back_still_counts(trading: Shop, tools: Tools) -> None:
    trading.overcharge(moment().today - 7 * DAY, 1, 900)

    found = await detect(tools, moment(), config=Config())

    assert found[0].facts["outliers"] == 1


async def test_uncovered_rows_are_counted_apart(trading: Shop, tools: Tools) -> None:
    trading.run("UPDATE sku SET category = 'new' WHERE id = 2")

    found = await detect(tools, moment(), config=Config())

    assert (found[0].status, found[0].facts["without_rule"]) == (Status.OK, 7)


@pytest.mark.usefixtures("shop")
async def test_an_empty_view_is_unknown(tools: Tools) -> None:
    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.UNKNOWN}


async def test_renamed_columns_are_named(trading: Shop, tools: Tools) -> None:
    trading.run(
        "DROP VIEW vw_commission_recon; CREATE VIEW vw_commission_recon AS SELECT d, sku_id,"
        " '' AS article, 'WB' AS marketplace, commission_amount AS commission_actual,"
        " 0 AS commission_expected, 0 AS delta, 0 AS delta_pct, 0 AS flag_outlier"
        " FROM daily_sales"
    )

    with pytest.raises(Unreadable) as blind:
        await detect(tools, moment(), config=Config())

    assert "actual_commission" in str(blind.value)
    assert "calc_commission" in str(blind.value)


async def test_old_rules_break_the_view_and_are_named(trading: Shop, tools: Tools) -> None:
    """`commission_rules` with `rule_json` and without `rate_pct`."""
    trading.run(
        "DROP TABLE commission_rules; CREATE TABLE commission_rules"
        " (id INTEGER PRIMARY KEY, marketplace TEXT, dt_from DATE, rule_json TEXT)"
    )

    with pytest.raises(Unreadable, match="vw_commission_recon"):
        await detect(tools, moment(), config=Config())


async def test_show_outliers_has_the_ten_worst_of_all(trading: Shop, tools: Tools) -> None:
    for n in range(7):
        trading.overcharge(YESTERDAY - n * DAY, 1, 200 + n)
        trading.overcharge(YESTERDAY - n * DAY, 3, 300 + n)

    answer = await outliers(tools, moment(), config=Config())

    worst = answer["worst"]
    assert isinstance(worst, list)
    assert [row["delta_rub"] for row in worst] == [*range(206, 199, -1), 106, 105, 104]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([sums(off=2)], "2 of 100 differ in 7 days; up to 5 may"),
        ([sums(off=9)], "9 commissions of WB differ from the rules: 12 346 ₽ at stake"),
        ([sums(judged=0)], "None of the 100 commissions of the last 7 days has a rule"),
        ([], "No commissions to compare in the last 7 days."),
    ],
)
def test_words(rows: list[Row], line: str, say: Callable[[str, Reading], str]) -> None:
    assert say("check_commission_outliers", look(*rows)["WB"]).startswith(line)


async def seen(shop: Shop, tools: Tools) -> Seen:
    """Each article, 40 characters long, is charged twelve digits too much."""
    shop.stock_skus()
    shop.rule("WB")
    shop.rule("OZON")
    shop.sell_daily(YESTERDAY)
    well = await detect(tools, moment(), config=Config())
    for n in range(7):
        shop.overcharge(YESTERDAY - n * DAY, 3, 150 + n)
    usual = [
        one for one in await detect(tools, moment(), config=Config()) if one.subject == "OZON"
    ]
    many = range(100, 400)
    shop.write(
        "INSERT INTO sku (id, marketplace, article, category) VALUES (?, ?, ?, ?)",
        [(n, "WB" if n % 2 else "OZON", wide.article(n), wide.CATEGORY) for n in many],
    )
    shop.write(
        "INSERT INTO commission_rules (marketplace, category, rate_pct, effective_from)"
        " VALUES (?, ?, 12.25, '2020-01-01')",
        [("WB", wide.CATEGORY), ("OZON", wide.CATEGORY)],
    )
    shop.sell(*(YESTERDAY - n * DAY for n in range(7)), skus=tuple(many))
    shop.write(
        "UPDATE daily_sales SET promo_cost = ?, delivery_cost = ? WHERE sku_id >= 100",
        [(wide.SUM / 1_000, wide.SUM / 1_000)],
    )
    for n in many:
        shop.overcharge(YESTERDAY - n % 7 * DAY, n, wide.SUM if n % 5 else -wide.SUM)
    widest = await detect(tools, moment(), config=Config())
    return Seen(usual=usual, widest=widest, well=well, tools=tools)
