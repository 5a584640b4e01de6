from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from bot.core.model import Moment, Reading, Row, Severity, Source, Status, Unreadable, phrase
from bot.core.runbook import Runbook
from bot.core.tools import ShopDatabase, Tools
from checks._balance import Balance
from checks.cash_reserve import SUBJECT, Config, detect, diagnosis, judge
from tests import wide
from tests.checks.fakes import NOON, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

YESTERDAY = date(2026, 11, 22)
DAY = timedelta(days=1)
OPEN = moment(opened={SUBJECT: NOON - timedelta(hours=3)})


def flows(outflow: float, days: int = 28) -> list[Row]:
    return [
        {
            "day": (YESTERDAY - n * DAY).isoformat(),
            "marketplace": name,
            "inflow_rub": 500.0,
            "outflow_rub": outflow / 2,
            "net_rub": 500 - outflow / 2,
        }
        for n in range(days)
        for name in ("OZON", "WB")
    ]


def seen_at(roubles: float, at: Moment, outflow: float = 1000, days: int = 28) -> Reading:
    return judge(Balance(roubles, YESTERDAY), flows(outflow, days), at, Config())


@pytest.mark.parametrize(
    ("balance", "at", "status"),
    [
        (30_000, moment(), Status.OK),
        (29_999, moment(), Status.FIRING),
        (0, moment(), Status.FIRING),
        (-9_000, moment(), Status.FIRING),
        (32_999, moment(), Status.OK),
        (32_999, OPEN, Status.FIRING),
        (33_000, OPEN, Status.OK),
    ],
)
def test_a_warning_under_thirty_days_that_clears_at_thirty_three(
    balance: float, at: Moment, status: Status
) -> None:
    found = seen_at(balance, at)
    assert found.status is status
    assert found.severity is (Severity.WARNING if status is Status.FIRING else Severity.INFO)
    assert found.facts["reserve_days"] == max(0, balance // 1000)


def test_the_days_that_are_wanted_are_a_setting() -> None:
    asked = Config(days=10, clear_margin_pct=0)
    found = judge(Balance(10_000, YESTERDAY), flows(1000), OPEN, asked)
    assert found.status is Status.OK


@pytest.mark.parametrize(
    ("balance", "outflow", "days", "why"),
    [
        pytest.param(-10_001, 1000, 28, "cash_reserve_under_limit", id="the cash alert has it"),
        pytest.param(5_000, 1000, 6, "cash_reserve_few_days", id="six days of flows"),
        pytest.param(5_000, 1000, 0, "cash_reserve_few_days", id="no flows"),
        pytest.param(5_000, 0, 28, "cash_reserve_nothing_out", id="nothing goes out"),
    ],
)
def test_what_cannot_be_judged_is_unknown_and_alerts_nobody(
    balance: float, outflow: float, days: int, why: str
) -> None:
    found = seen_at(balance, moment(), outflow, days)
    assert (found.status, found.idle) == (Status.UNKNOWN, True)
    assert found.why is not None
    assert found.why.key == why


def test_one_that_is_open_goes_on_below_the_cash_limit() -> None:
    found = seen_at(-20_000, OPEN)
    assert (found.status, found.facts["reserve_days"]) == (Status.FIRING, 0)
    assert found.facts["missing_rub"] == 50_000


def steady(shop: Shop, balance: float, out: float = 1000, days: int = 40) -> None:
    """Each day as much comes in as goes out; before them `balance` was paid in."""
    first = YESTERDAY - days * DAY
    shop.write(
        "INSERT INTO cashflow_daily (d, marketplace, inflow, outflow, net) VALUES (?, ?, ?, ?, ?)",
        [
            (str(first), "WB", balance, 0, balance),
            *(
                (str(YESTERDAY - n * DAY), name, out / 2, out / 2, 0)
                for n in range(days)
                for name in ("WB", "OZON")
            ),
        ],
    )


async def test_a_real_shop_from_well_to_sick_to_well(
    shop: Shop, tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    steady(shop, 40_000)
    [well] = await detect(tools, moment(), config=Config())
    shop.run("UPDATE cashflow_daily SET net = 12000 WHERE net = 40000")
    [sick] = await detect(tools, moment(), config=Config())
    shop.run("UPDATE cashflow_daily SET net = 31000 WHERE net = 12000")
    [not_yet] = await detect(tools, OPEN, config=Config())

    assert [well.status, sick.status, not_yet.status] == [
        Status.OK,
        Status.FIRING,
        Status.FIRING,
    ]
    assert say("check_cash_reserve", well) == "40 000 ₽ last 40 days, 30 are wanted"
    assert say("check_cash_reserve", sick) == "Cash lasts 12 days, 30 are wanted"
    assert say("check_cash_reserve", not_yet) == "Cash lasts 31 days, the alert clears at 33"


async def test_what_the_cash_check_is_told_of_is_not_told_twice(shop: Shop, tools: Tools) -> None:
    steady(shop, 1_000)
    shop.run("DROP VIEW vw_cashflow_daily")
    [found] = await detect(tools, moment(), config=Config())
    assert (found.status, found.idle) == (Status.UNKNOWN, True)
    assert found.why is not None
    assert found.why.key == "shop_missing"


async def test_without_the_cash_check_it_tells_by_itself(shop: Shop, tools: Tools) -> None:
    """What is left to that check would be told by nobody where it is switched off."""
    alone = replace(moment(), off={"check_cash_balance_threshold"})
    steady(shop, -20_000)
    [found] = await detect(tools, alone, config=Config())
    assert (found.status, found.facts["reserve_days"]) == (Status.FIRING, 0)
    shop.run("DROP VIEW vw_cashflow_daily")
    [found] = await detect(tools, alone, config=Config())
    assert (found.status, found.idle) == (Status.UNKNOWN, False)


def test_while_the_cash_or_the_sales_are_in_trouble_it_does_not_ring(
    runbooks: dict[str, Runbook],
) -> None:
    wanted = {"check_cash_balance_threshold", "check_ingest_success_rate"}
    assert set(runbooks["check_cash_reserve"].depends_on) == wanted


async def test_an_old_balance_is_unknown(shop: Shop, tools: Tools) -> None:
    steady(shop, 1_000)
    [found] = await detect(tools, moment(NOON + 4 * DAY), config=Config())
    assert found.why is not None
    assert (found.status, found.why.key) == (Status.UNKNOWN, "cash_stale")


async def test_a_database_that_does_not_answer_is_no_calm(tools: Tools) -> None:
    class Down:
        async def require(self, _needs: object) -> None:
            raise Unreadable(phrase("shop_locked"), Source.SHOP_DATABASE)

    with pytest.raises(Unreadable):
        await detect(replace(tools, shop=cast("ShopDatabase", Down())), moment(), config=Config())


async def test_flows_that_cannot_be_read_are_named(shop: Shop, tools: Tools) -> None:
    steady(shop, 1_000)
    shop.run("DROP VIEW vw_cashflow_daily; ALTER TABLE cashflow_daily RENAME outflow TO paid")
    shop.run(
        "CREATE VIEW vw_cashflow_daily AS SELECT d, SUM(SUM(net)) OVER (ORDER BY d)"
        " AS cumulative_balance FROM cashflow_daily GROUP BY d"
    )
    with pytest.raises(Unreadable, match="outflow"):
        await detect(tools, moment(), config=Config())


async def test_the_diagnosis_has_marketplaces_and_weeks(shop: Shop, tools: Tools) -> None:
    steady(shop, 12_000)
    shop.run("UPDATE cashflow_daily SET outflow = 1200 WHERE d > '2026-11-15' AND outflow > 0")
    answer = await diagnosis(tools, moment(), config=Config())
    assert answer["marketplaces"] == [
        {"name": "OZON", "in_rub": 500, "out_rub": 675},
        {"name": "WB", "in_rub": 500, "out_rub": 675},
    ]
    assert answer["weeks"] == [
        {"since": "2026-11-16", "in_rub": 1000, "out_rub": 2400},
        {"since": "2026-11-09", "in_rub": 1000, "out_rub": 1000},
        {"since": "2026-11-02", "in_rub": 1000, "out_rub": 1000},
        {"since": "2026-10-26", "in_rub": 1000, "out_rub": 1000},
    ]
    assert (answer["reserve_days"], answer["days"]) == (8, 28)


async def seen(shop: Shop, tools: Tools) -> Seen:
    steady(shop, 40_000)
    well = await detect(tools, moment(), config=Config())
    shop.run("UPDATE cashflow_daily SET net = 12000 WHERE net = 40000")
    usual = await detect(tools, moment(), config=Config())
    shop.run("DELETE FROM cashflow_daily")
    for market in ("WB", "OZON", wide.MARKET):
        for n in range(40):
            shop.flow(YESTERDAY - n * DAY, -wide.SUM, market)
    shop.flow(YESTERDAY - 41 * DAY, 190 * wide.SUM)
    widest = await detect(tools, moment(), config=Config())
    return Seen(usual=usual, widest=widest, well=well, tools=tools)
