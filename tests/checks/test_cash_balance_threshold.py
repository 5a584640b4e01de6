from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot.core.model import Moment, Reading, Row, Severity, Status, Unreadable
from bot.core.tools import ShopDatabase, Tools
from bot.edges.templates import Templates, plain
from checks.cash_balance_threshold import SUBJECT, Config, detect, diagnosis, judge
from tests import wide
from tests.checks.fakes import MOSCOW, NOON, Asked, moment, spaced
from tests.checks.seen import Seen
from tests.checks.shop import Shop

TODAY = date(2026, 11, 23)
YESTERDAY = date(2026, 11, 22)
DAY = timedelta(days=1)
OPEN = moment(opened={SUBJECT: NOON - timedelta(hours=3)})


def balances(*roubles: float | str | None, last: date = YESTERDAY) -> list[Row]:
    """Newest first, a day each."""
    return [
        {"day": (last - n * DAY).isoformat(), "balance_rub": value}
        for n, value in enumerate(roubles)
    ]


@pytest.mark.parametrize(
    ("balance", "at"),
    [
        pytest.param(50_000, moment(), id="plenty"),
        pytest.param(0, moment(), id="none, and that is allowed"),
        pytest.param(-10_000, moment(), id="exactly the threshold"),
        pytest.param(-9_000, moment(), id="between the lines, and no alert is open"),
        pytest.param(-7_999.99, OPEN, id="just above the clearing line"),
        pytest.param("-500.5", moment(), id="a number stored as text"),
    ],
)
def test_healthy(balance: float | str, at: Moment) -> None:
    assert judge(balances(balance), [], at, Config()).status is Status.OK


@pytest.mark.parametrize(
    ("balance", "at"),
    [
        pytest.param(-10_000.01, moment(), id="just below the threshold"),
        pytest.param(-15_000, OPEN, id="still below"),
        pytest.param(-9_000, OPEN, id="back over the threshold does not clear it"),
        pytest.param(-8_000, OPEN, id="exactly the clearing line does not clear it"),
    ],
)
def test_sick(balance: float, at: Moment) -> None:
    reading = judge(balances(balance), [], at, Config())

    assert (reading.status, reading.severity) == (Status.FIRING, Severity.CRITICAL)
    assert reading.facts["balance_rub"] == balance


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param([], "cash_no_balance", id="an empty view"),
        pytest.param(balances(None), "cash_not_a_number", id="NULL"),
        pytest.param(balances("n/a"), "cash_not_a_number", id="text"),
        pytest.param(balances(float("nan")), "cash_not_a_number", id="NaN"),
        pytest.param(balances(5, last=TODAY - 4 * DAY), "cash_stale", id="four days old"),
        pytest.param([*balances(5), *balances(7)], "cash_several_balances", id="two a day"),
        pytest.param(
            [{"day": "2026-13-45", "balance_rub": 5}], "cash_no_balance", id="an impossible day"
        ),
    ],
)
def test_unknown(rows: list[Row], why: str) -> None:
    reading = judge(rows, [], moment(), Config())

    assert reading.status is Status.UNKNOWN
    assert reading.why is not None
    assert reading.why.key == why
    assert not reading.idle


def test_three_days_old_is_not_stale_yet() -> None:
    assert judge(balances(5, last=TODAY - 3 * DAY), [], moment(), Config()).status is Status.OK


@pytest.mark.parametrize(
    ("threshold", "clears_above"), [(-10_000, -8_000), (0, 0), (10_000, 12_000)]
)
def test_it_clears_a_fifth_above_whatever_the_sign(threshold: float, clears_above: float) -> None:
    config = Config(cf_negative_balance_alert_threshold=threshold)

    assert config.clears_above == clears_above


@pytest.mark.parametrize(
    ("rows", "change"),
    [
        pytest.param(balances(*range(8)), -7, id="seven days before"),
        pytest.param(balances(1, 2, 3), None, id="too short a history"),
        pytest.param(
            [*balances(5), *balances(25, last=YESTERDAY - 9 * DAY)], -20, id="days without rows"
        ),
        pytest.param([*balances(*range(7)), *balances(None, last=YESTERDAY - 7 * DAY)], None),
    ],
)
def test_change_over_the_week(rows: list[Row], change: float | None) -> None:
    assert judge(rows, [], moment(), Config()).facts["change_7d_rub"] == change


async def test_a_real_shop_from_well_to_sick_to_well(shop: Shop, tools: Tools) -> None:
    for n in range(10):
        shop.flow(YESTERDAY - n * DAY, 100)
        shop.flow(YESTERDAY - n * DAY, 50, "OZON")
    [well] = await detect(tools, moment(), config=Config())
    shop.flow(TODAY, -20_000)
    [sick] = await detect(tools, moment(), config=Config())
    shop.run("UPDATE cashflow_daily SET net = -10000 WHERE net = -20000")
    [cured] = await detect(tools, OPEN, config=Config())

    assert well.facts["balance_rub"] == 1500
    assert well.facts["change_7d_rub"] == 1050
    assert [sick.status, sick.facts["balance_rub"]] == [Status.FIRING, -18_500]
    assert sick.facts["flows_7d"] == [
        {"marketplace": "WB", "inflow_rub": 700, "outflow_rub": 20_100, "net_rub": -19_400},
        {"marketplace": "OZON", "inflow_rub": 600, "outflow_rub": 300, "net_rub": 300},
    ]
    assert [cured.status, cured.facts["balance_rub"]] == [Status.FIRING, -8_500]


async def test_rows_of_the_future_and_dirty_dates_hide_nothing(shop: Shop, tools: Tools) -> None:
    shop.flow(YESTERDAY, -15_000)
    shop.flow("2099-01-01", 1_000_000)
    for dirty in ("30.11.2026", "23/11/2026", "", "yesterday", "99991231"):
        shop.flow(dirty, 0)
    shop.run("INSERT INTO cashflow_daily (d, marketplace, net) VALUES (NULL, 'WB', 0)")

    [reading] = await detect(tools, moment(), config=Config())

    assert reading.status is Status.FIRING
    assert reading.facts["day"] == "2026-11-22"


async def test_only_dirty_dates_are_no_balance(shop: Shop, tools: Tools) -> None:
    shop.flow("22.11.2026", 500)

    [reading] = await detect(tools, moment(), config=Config())

    assert reading.status is Status.UNKNOWN


async def test_dates_with_a_time_are_read(shop: Shop, tools: Tools) -> None:
    shop.flow("2026-11-22 00:00:00.000000", -15_000)

    [reading] = await detect(tools, moment(), config=Config())

    assert (reading.status, reading.facts["day"]) == (Status.FIRING, "2026-11-22")


async def test_the_renamed_column_is_named(shop: Shop, tools: Tools) -> None:
    shop.flow(YESTERDAY, 5)
    shop.run(
        "DROP VIEW vw_cashflow_daily; CREATE VIEW vw_cashflow_daily AS"
        " SELECT d, marketplace, net AS balance FROM cashflow_daily"
    )

    with pytest.raises(Unreadable) as blind:
        await detect(tools, moment(), config=Config())

    assert "cumulative_balance" in str(blind.value)


async def test_a_missing_view_is_named(shop: Shop, tools: Tools) -> None:
    shop.run("DROP VIEW vw_cashflow_daily")

    with pytest.raises(Unreadable, match="vw_cashflow_daily"):
        await detect(tools, moment(), config=Config())


async def test_several_tenants_are_not_added_up(shop: Shop, tools: Tools) -> None:
    shop.run(
        "DROP VIEW vw_cashflow_daily; CREATE VIEW vw_cashflow_daily AS"
        " SELECT d, 1 AS org_id, net AS cumulative_balance FROM cashflow_daily"
    )

    with pytest.raises(Unreadable, match="org_id"):
        await detect(tools, moment(), config=Config())


async def test_without_the_flows_the_balance_is_still_judged(shop: Shop, tools: Tools) -> None:
    shop.run(
        "DROP VIEW vw_cashflow_daily; DROP TABLE cashflow_daily; CREATE VIEW vw_cashflow_daily"
        " AS SELECT '2026-11-22' AS d, -20000 AS cumulative_balance"
    )

    [reading] = await detect(tools, moment(), config=Config())

    assert (reading.status, reading.facts["flows_7d"]) == (Status.FIRING, [])


@pytest.mark.parametrize(
    ("now", "zone"),
    [
        # 22:30 UTC is already the 23rd in Moscow: its row is not one of the future.
        (datetime(2026, 11, 22, 22, 30, tzinfo=UTC), MOSCOW),
        # The night Berlin sets its clocks back, in its doubled hour.
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")),
    ],
)
async def test_today_is_the_business_day(
    shop: Shop, tools: Tools, now: datetime, zone: ZoneInfo
) -> None:
    at = moment(now, zone)
    shop.flow(at.today, -20_000)
    shop.flow(at.today + DAY, 1_000_000)

    [reading] = await detect(tools, at, config=Config())

    assert reading.facts["day"] == at.today.isoformat()
    assert reading.status is Status.FIRING


@pytest.mark.parametrize(
    ("balance", "at", "line"),
    [
        (-15_000, moment(), "Cash balance is -15 000 ₽, the limit is -10 000 ₽"),
        (-9_000, OPEN, "Cash balance is -9 000 ₽, the alert clears above -8 000 ₽"),
        (12_000, moment(), "12 000 ₽ on 22 Nov, the limit is -10 000 ₽"),
        (None, moment(), "The cash balance of 22 Nov is not a number."),
    ],
)
def test_words(
    balance: float | None, at: Moment, line: str, say: Callable[[str, Reading], str]
) -> None:
    reading = judge(balances(balance), [], at, Config())

    assert say("check_cash_balance_threshold", reading) == line


async def test_the_diagnosis_shows_seven_days(shop: Shop, tools: Tools) -> None:
    for n in range(10):
        shop.flow(YESTERDAY - n * DAY, 100)

    answer = await diagnosis(tools, moment(), config=Config())

    days = answer["days"]
    assert isinstance(days, list)
    assert len(days) == 7
    assert days[0] == {"day": "2026-11-22", "balance_rub": 1000}


PNL = (
    "CREATE TABLE pnl_daily (d DATE, sku_id INTEGER, marketplace TEXT, commissions NUMERIC,"
    " delivery_cost NUMERIC, promo_cost NUMERIC, refunds NUMERIC, writeoffs NUMERIC,"
    " PRIMARY KEY (d, sku_id, marketplace))"
)


def costs(shop: Shop, day: date, delivery: float = 100, commissions: float = 300) -> None:
    shop.write(
        "INSERT OR REPLACE INTO pnl_daily VALUES (?, ?, 'WB', ?, ?, 0, 10, NULL)",
        [(str(day), sku, commissions / 2, delivery / 2) for sku in (1, 2)],
    )


@pytest.fixture
def costly(shop: Shop) -> Shop:
    """Four weeks at 420 roubles a day; on the last one delivery costs five times as much."""
    shop.run(PNL)
    for n in range(40):
        costs(shop, YESTERDAY - n * DAY, delivery=500 if n == 0 else 100)
    shop.flow(YESTERDAY, -15_000)
    return shop


@pytest.mark.usefixtures("costly")
async def test_the_card_compares_costs_with_their_median_of_four_weeks(
    tools: Tools, say: Callable[[str, Reading], str], templates: Templates
) -> None:
    [reading] = await detect(tools, moment(), config=Config())

    assert reading.facts["costs"] == {
        "day": "2026-11-22",
        "total_rub": 820,
        "usual_rub": 420,
        "high": [{"name": "delivery", "last_rub": 500, "usual_rub": 100}],
    }
    assert say("check_cash_balance_threshold", reading).startswith("Cash balance is -15 000 ₽")
    name = "cash_balance_threshold/card.html.j2"
    card = spaced(plain(templates.block(name, "facts", facts=reading.facts)))
    assert card.splitlines()[-2:] == [
        "Costs 22 Nov 820 ₽, usually 420 ₽",
        "· Delivery 500 ₽, usually 100 ₽",
    ]


async def test_costs_are_read_once_an_hour_or_for_another_balance(
    costly: Shop, tools: Tools
) -> None:
    asked = Asked(tools.shop)
    tools = replace(tools, shop=cast("ShopDatabase", asked))
    found = [await detect(tools, moment(NOON + n * DAY / 288), config=Config()) for n in range(3)]
    assert found[0] == found[1] == found[2]
    assert asked.taken().count("cash_costs") == 1

    costs(costly, YESTERDAY, delivery=900)
    [later] = await detect(tools, moment(NOON + DAY / 24), config=Config())
    assert later.facts["costs"] != found[0][0].facts["costs"]

    costly.flow(TODAY, -1)
    await detect(tools, moment(NOON + DAY / 24), config=Config())
    assert asked.taken().count("cash_costs") == 2


async def test_while_the_balance_is_well_costs_are_not_read(costly: Shop, tools: Tools) -> None:
    costly.flow(TODAY, 1_000_000)
    asked = Asked(tools.shop)
    tools = replace(tools, shop=cast("ShopDatabase", asked))
    [reading] = await detect(tools, moment(), config=Config())
    assert reading.status is Status.OK
    assert "cash_costs" not in asked.taken()


@pytest.mark.parametrize(
    "drift",
    [
        pytest.param("DROP TABLE pnl_daily", id="no table"),
        pytest.param("ALTER TABLE pnl_daily RENAME COLUMN refunds TO returns", id="renamed"),
        pytest.param("DELETE FROM pnl_daily WHERE d < '2026-11-16'", id="a week only"),
        pytest.param("DELETE FROM pnl_daily", id="empty"),
    ],
)
async def test_without_costs_to_compare_there_is_still_an_alert(
    costly: Shop, tools: Tools, drift: str
) -> None:
    costly.run(drift)
    [reading] = await detect(tools, moment(), config=Config())
    assert (reading.status, reading.facts["costs"]) == (Status.FIRING, None)


async def seen(shop: Shop, tools: Tools) -> Seen:
    shop.run(PNL)
    for n in range(40):
        shop.flow(YESTERDAY - n * DAY, -750)
        costs(shop, YESTERDAY - n * DAY, delivery=500 if n == 0 else 100)
    usual = await detect(tools, moment(), config=Config())
    deep = Config(cf_negative_balance_alert_threshold=-50_000)
    well = await detect(tools, moment(), config=deep)
    shop.run("DELETE FROM cashflow_daily")
    for market in ("WB", "OZON", wide.MARKET):
        for n in range(40):
            shop.flow(YESTERDAY - n * DAY, -wide.SUM, market)
    for n in range(40):
        much = wide.SUM if n == 0 else wide.SUM / 2
        costs(shop, YESTERDAY - n * DAY, delivery=much, commissions=much)
    widest = await detect(tools, moment(), config=Config())
    return Seen(usual=usual, widest=widest, well=well, tools=tools)
