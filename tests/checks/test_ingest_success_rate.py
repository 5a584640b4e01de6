from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.model import Reading, Severity, Source, Status, Unreadable, phrase
from bot.core.tools import Sample, Tools
from checks._runs import Outcome, Run
from checks._sales import Sales
from checks.ingest_success_rate import (
    Collector,
    Config,
    collector_of,
    detect,
    diagnosis,
    due_day,
    judge,
)
from tests.checks.fakes import MOSCOW, NOON, FakeWeb, moment
from tests.checks.seen import Seen
from tests.checks.shop import Shop

TODAY = date(2026, 11, 23)
YESTERDAY = date(2026, 11, 22)
DAY = timedelta(days=1)
ALL = "1" * 14
JOB = "collect_yesterday_data"
WELL = Collector(success_pct=100.0)


def sales(strip: str = ALL, *, rows: int | None = None, usual: float = 100) -> Sales:
    """`strip` reads like the card: the last character is the due day."""
    there = [mark == "1" for mark in strip]
    return Sales(
        due=YESTERDAY, rows=100 * there[-1] if rows is None else rows, usual=usual, strip=there
    )


@pytest.mark.parametrize(
    ("found", "collector"),
    [
        pytest.param(sales(), WELL, id="all there"),
        pytest.param(sales(), Collector(), id="all there, and nothing known of the collector"),
        pytest.param(sales(rows=1), WELL, id="few rows are a fact, not a failure"),
        pytest.param(sales("11111101111111"), WELL, id="a hole older than a week"),
        pytest.param(sales("11011111101111"), WELL, id="no sales on that weekday twice"),
        pytest.param(
            sales(), Collector(success_pct=85.7), id="a bad night, and the collector is well since"
        ),
        pytest.param(
            sales(),
            Collector(success_pct=57.1, failed_in_row=3),
            id="the sales are there, whatever the collector says",
        ),
        pytest.param(
            sales(rows=50), Collector(failed_in_row=3), id="half of the usual is not few yet"
        ),
    ],
)
def test_healthy(found: Sales, collector: Collector) -> None:
    assert judge("WB", found, collector, Config()).status is Status.OK


@pytest.mark.parametrize(
    ("found", "collector", "severity"),
    [
        pytest.param(sales("1" * 13 + "0"), WELL, Severity.ERROR, id="nothing for yesterday"),
        pytest.param(sales("1" * 12 + "00"), WELL, Severity.ERROR, id="nor the day before"),
        pytest.param(sales("1" * 11 + "000"), WELL, Severity.CRITICAL, id="three days"),
        pytest.param(sales("0" * 14), WELL, Severity.CRITICAL, id="two weeks"),
        pytest.param(
            sales("0" * 14, usual=0), WELL, Severity.CRITICAL, id="so long that none is usual"
        ),
        pytest.param(
            sales("1" * 12 + "00", usual=0), WELL, Severity.ERROR, id="two quiet days are no rest"
        ),
        pytest.param(sales("1" * 10 + "0111"), WELL, Severity.WARNING, id="a hole in the week"),
        pytest.param(
            sales(rows=49), Collector(failed_in_row=1), Severity.WARNING, id="few, and it failed"
        ),
        pytest.param(sales(rows=49), Collector(failed_in_row=2), Severity.ERROR, id="twice"),
        pytest.param(
            sales(rows=49), Collector(failed_in_row=3), Severity.CRITICAL, id="three times"
        ),
    ],
)
def test_sick(found: Sales, collector: Collector, severity: Severity) -> None:
    reading = judge("WB", found, collector, Config())

    assert (reading.status, reading.severity) == (Status.FIRING, severity)


def test_a_target_of_a_hundred_percent_can_be_met() -> None:
    config = Config(slo_ingest_success_rate_pct=100)

    assert judge("WB", sales(), WELL, config).status is Status.OK


def test_a_quiet_weekday_is_neither_good_nor_bad() -> None:
    reading = judge("WB", sales("1" * 13 + "0", usual=0), WELL, Config())

    assert (reading.status, reading.idle) == (Status.UNKNOWN, True)


def test_the_facts_of_a_missing_day() -> None:
    facts = judge("WB", sales("1" * 12 + "00"), WELL, Config()).facts

    assert facts["last_day"] == "2026-11-20"
    assert facts["missing_days"] == 2
    assert facts["strip"] == [1] * 12 + [0] * 2
    assert facts["usual_rows"] == 100


@pytest.mark.parametrize(
    ("local", "due"),
    [
        pytest.param(time(12), YESTERDAY, id="noon"),
        pytest.param(time(6), YESTERDAY, id="six o'clock"),
        pytest.param(time(5, 59, 59), YESTERDAY - DAY, id="a second before six"),
        pytest.param(time(0), YESTERDAY - DAY, id="midnight"),
        pytest.param(time(23, 59), YESTERDAY, id="the day's last minute"),
    ],
)
def test_yesterday_is_due_from_six(local: time, due: date) -> None:
    at = moment(datetime.combine(TODAY, local, MOSCOW).astimezone(UTC))

    assert due_day(at, Config()) == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 03:30 UTC on the day Berlin goes back to winter time is 04:30 there.
        (datetime(2026, 10, 25, 3, 30, tzinfo=UTC), date(2026, 10, 23)),
        (datetime(2026, 10, 25, 5, 0, tzinfo=UTC), date(2026, 10, 24)),
        # 04:00 UTC on the day it goes to summer time is 06:00 there already.
        (datetime(2026, 3, 29, 4, 0, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 3, 59, tzinfo=UTC), date(2026, 3, 27)),
    ],
)
def test_six_is_six_on_the_wall_when_clocks_change(now: datetime, due: date) -> None:
    assert due_day(moment(now, ZoneInfo("Europe/Berlin")), Config()) == due


def runs(*outcomes: str) -> list[Run]:
    """One a night; the last one was this night."""
    ages = range(len(outcomes) - 1, -1, -1)
    return [
        Run(started=NOON - timedelta(hours=7) - age * DAY, outcome=Outcome(word))
        for age, word in zip(ages, outcomes, strict=True)
    ]


@pytest.mark.parametrize(
    ("nights", "expected"),
    [
        pytest.param([], Collector(), id="nothing known"),
        pytest.param(runs(*["success"] * 7), WELL, id="all well"),
        pytest.param(runs(*["failed"] * 20, *["success"] * 7), WELL, id="long ago does not count"),
        pytest.param(
            runs("success", "failed"), Collector(success_pct=50, failed_in_row=1), id="this night"
        ),
        pytest.param(
            runs("success", "failed", "running"),
            Collector(success_pct=50, failed_in_row=1),
            id="one that is running decides nothing",
        ),
        pytest.param(
            [*runs("success", "failed"), Run(started=NOON, outcome=Outcome.SUCCESS)],
            WELL,
            id="caught up on the same day",
        ),
    ],
)
def test_the_collectors_week(nights: Sequence[Run], expected: Collector) -> None:
    assert collector_of(nights, NOON) == expected


@pytest.fixture
def trading(shop: Shop) -> Shop:
    """Sixty days of sales on both marketplaces."""
    shop.stock_skus()
    shop.sell_daily(YESTERDAY)
    return shop


@pytest.mark.usefixtures("trading")
async def test_a_healthy_shop(tools: Tools) -> None:
    found = await detect(tools, moment(), config=Config())

    assert {r.subject: r.status for r in found} == {"WB": Status.OK, "OZON": Status.OK}
    assert found[0].facts["rows"] == 2
    assert found[0].facts["usual_rows"] == 2


@pytest.mark.parametrize(("age", "usual"), [(4, None), (9, 2), (16, 2)])
async def test_a_new_shop_is_missed_on_its_first_day_without_sales(
    shop: Shop, tools: Tools, age: int, usual: float | None
) -> None:
    """The weeks before it began are not weeks without sales, which would excuse the day."""
    shop.stock_skus()
    shop.sell_daily(YESTERDAY, age)
    found = await detect(tools, moment(), config=Config())
    assert [(one.status, one.facts["usual_rows"]) for one in found] == [(Status.OK, usual)] * 2
    shop.run("DELETE FROM daily_sales WHERE d = '2026-11-22'")
    found = await detect(tools, moment(), config=Config())
    assert [one.status for one in found] == [Status.FIRING] * 2


async def test_one_marketplace_without_yesterday(
    trading: Shop, tools: Tools, say: Callable[[str, Reading], str]
) -> None:
    trading.run("DELETE FROM daily_sales WHERE d = '2026-11-22' AND sku_id > 2")

    found = {r.subject: r for r in await detect(tools, moment(), config=Config())}

    assert found["WB"].status is Status.OK
    assert (found["OZON"].status, found["OZON"].severity) == (Status.FIRING, Severity.ERROR)
    assert found["OZON"].facts["last_day"] == "2026-11-21"
    line = "No OZON sales for 22 Nov, usually 2 rows"
    assert say("check_ingest_success_rate", found["OZON"]) == line


async def test_it_heals_when_the_day_comes_in(trading: Shop, tools: Tools) -> None:
    trading.run("DELETE FROM daily_sales WHERE d = '2026-11-22'")
    trading.job(JOB, "2026-11-23 02:00:00", "failed", error="429 from Wildberries")
    sick = await detect(tools, moment(), config=Config())
    trading.sell(YESTERDAY)
    trading.job(JOB, "2026-11-23 08:00:00")
    well = await detect(tools, moment(), config=Config())

    assert {r.status for r in sick} == {Status.FIRING}
    assert {r.facts["error"] for r in sick} == {"429 from Wildberries"}
    assert {r.status for r in well} == {Status.OK}


async def test_before_six_the_night_is_not_judged(trading: Shop, tools: Tools) -> None:
    trading.run("DELETE FROM daily_sales WHERE d = '2026-11-22'")
    night = moment(datetime(2026, 11, 23, 2, 30, tzinfo=UTC))  # 05:30 in Moscow

    found = await detect(tools, night, config=Config())

    assert {r.status for r in found} == {Status.OK}
    assert {r.facts["day"] for r in found} == {"2026-11-21"}


async def test_sales_of_today_and_the_future_do_not_stand_in(trading: Shop, tools: Tools) -> None:
    trading.run("DELETE FROM daily_sales WHERE d = '2026-11-22'")
    trading.sell(TODAY, "2099-01-01", "22.11.2026")

    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.FIRING}


async def test_days_with_a_time_of_day_count(shop: Shop, tools: Tools) -> None:
    shop.stock_skus()
    shop.sell(*(f"{YESTERDAY - n * DAY} 00:00:00.000000" for n in range(40)))

    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.OK}


async def test_skus_without_any_sales_are_a_trouble(shop: Shop, tools: Tools) -> None:
    shop.stock_skus()

    found = await detect(tools, moment(), config=Config())

    assert {(r.subject, r.severity) for r in found} == {
        ("WB", Severity.CRITICAL),
        ("OZON", Severity.CRITICAL),
    }
    assert {r.facts["last_day"] for r in found} == {None}


async def test_a_shop_without_skus_is_unknown(shop: Shop, tools: Tools) -> None:
    shop.run("INSERT INTO sku (id, marketplace) VALUES (1, NULL)")

    [reading] = await detect(tools, moment(), config=Config())

    assert reading.status is Status.UNKNOWN


async def test_a_seller_on_one_marketplace_has_one_subject(shop: Shop, tools: Tools) -> None:
    shop.stock_skus()
    shop.run("DELETE FROM sku WHERE marketplace = 'OZON'")
    shop.sell_daily(YESTERDAY)

    assert [r.subject for r in await detect(tools, moment(), config=Config())] == ["WB"]


async def test_older_releases_without_job_runs_are_judged_by_sales(
    trading: Shop, tools: Tools
) -> None:
    trading.run("DROP TABLE job_runs")

    found = await detect(tools, moment(), config=Config())

    assert {r.status for r in found} == {Status.OK}
    assert {r.facts["runs_success_pct"] for r in found} == {None}


async def test_several_tenants_are_named(trading: Shop, tools: Tools) -> None:
    trading.run("ALTER TABLE daily_sales ADD COLUMN org_id INTEGER")

    with pytest.raises(Unreadable, match="org_id"):
        await detect(tools, moment(), config=Config())


async def test_a_missing_table_is_named(trading: Shop, tools: Tools) -> None:
    trading.run("DROP VIEW vw_commission_recon; DROP TABLE daily_sales")

    with pytest.raises(Unreadable, match="daily_sales"):
        await detect(tools, moment(), config=Config())


async def test_the_diagnosis_shows_the_collectors_runs(trading: Shop, tools: Tools) -> None:
    trading.job(JOB, "2026-11-22 02:00:00")
    trading.job(JOB, "2026-11-23 02:00:00", "failed", 3.0, "boom")
    trading.job("another", "2026-11-23 02:00:00")

    answer = await diagnosis(tools, moment(), config=Config())

    assert answer["runs"] == [
        {
            "started": "2026-11-23T02:00:00+00:00",
            "status": "failed",
            "seconds": 3,
            "error": "boom",
        },
        {
            "started": "2026-11-22T02:00:00+00:00",
            "status": "success",
            "seconds": 60,
            "error": None,
        },
    ]


def counter(status: str, value: float, service: str = "wb") -> Sample:
    labels = {"service": service, "endpoint": "/sales", "status": status}
    return Sample("external_api_requests_total", labels, value)


@pytest.mark.usefixtures("trading")
async def test_calls_to_the_marketplace_are_counted_between_rounds(tools: Tools) -> None:
    async def calls(*samples: Sample) -> list[tuple[object, object]]:
        asked = replace(tools, web=FakeWeb(samples))
        found = await detect(asked, moment(), config=Config())
        assert {r.status for r in found} == {Status.OK}
        return [(r.facts["calls"], r.facts["calls_failed"]) for r in found if r.subject == "WB"]

    assert await calls(counter("200", 100), counter("429", 50)) == [(None, None)]
    assert await calls(counter("200", 110), counter("429", 80)) == [(40, 30)]
    assert await calls(counter("200", 120), counter("400", 80)) == [(10, 0)]
    assert await calls(counter("200", 120), counter("400", 85)) == [(5, 5)]
    assert await calls(counter("success", 3), counter("error", 2)) == [(5, 2)]
    assert await calls(counter("200", float("nan"))) == [(None, None)]


@pytest.mark.usefixtures("trading")
async def test_an_unreachable_api_does_not_blind_the_ingest_check(tools: Tools) -> None:
    down = FakeWeb(Unreadable(phrase("http_refused"), Source.WEB_API))

    found = await detect(replace(tools, web=down), moment(), config=Config())

    assert {r.status for r in found} == {Status.OK}


@pytest.mark.parametrize(
    ("found", "collector", "line"),
    [
        (sales(), WELL, "100 rows for 22 Nov, usually 100"),
        (sales("1" * 11 + "000"), WELL, "No WB sales for 3 days, the last are of 19 Nov"),
        (sales("0" * 14), WELL, "No WB sales for 14 days or more"),
        (
            sales("1" * 10 + "0111"),
            WELL,
            "WB sales of some days are missing: 85.7 % of the week came in, the target is 99 %",
        ),
        (
            sales(rows=12),
            Collector(success_pct=50, failed_in_row=1),
            "Few WB sales for 22 Nov, and the collector fails: 12 rows, usually 100",
        ),
        (
            sales("1" * 13 + "0", usual=0),
            WELL,
            "No sales for 22 Nov, and usually none on this weekday.",
        ),
    ],
)
def test_words(
    found: Sales, collector: Collector, line: str, say: Callable[[str, Reading], str]
) -> None:
    assert say("check_ingest_success_rate", judge("WB", found, collector, Config())) == line


async def seen(shop: Shop, tools: Tools) -> Seen:
    """The collector fails with a long word, and three weeks are missing."""
    shop.stock_skus()
    shop.sell_daily(YESTERDAY)
    well = await detect(tools, moment(), config=Config())
    shop.run("DELETE FROM daily_sales WHERE d = '2026-11-22' AND sku_id <= 2")
    usual = await detect(tools, moment(), config=Config())
    shop.run("DELETE FROM daily_sales WHERE d >= '2026-11-01'")
    for n in range(40):
        error = (
            f"HTTPStatusError: Client error '429 Too Many Requests' <{n}> for url https://"
            + "x" * 300
        )
        shop.job(JOB, f"{YESTERDAY - n * DAY} 02:00:00", "failed", 86_399.0, error)
    calls = [
        Sample(
            "external_api_requests_total",
            {"service": "wb", "endpoint": "/", "status": status},
            123_456_789.0,
        )
        for status in ("200", "429")
    ]
    before = [replace(one, value=1.0) for one in calls]
    await detect(replace(tools, web=FakeWeb(before)), moment(), config=Config())
    tools = replace(tools, web=FakeWeb(calls))
    return Seen(
        usual=[one for one in usual if one.status is Status.FIRING],
        widest=await detect(tools, moment(), config=Config()),
        well=well,
        tools=tools,
    )
