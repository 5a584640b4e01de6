"""Kept numbers as charts."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core import attempts
from bot.core.model import Json, Row, Unreadable
from bot.core.series import Sample
from bot.edges.schedules import when
from bot.edges.store.tx import SqlTx
from bot.questions._monthly import payouts
from tests.checks.fakes import FakeWeb
from tests.conftest import NOON
from tests.questions import numbers
from tests.questions.conftest import Room
from tests.questions.planned_things import PLANS


async def test_the_chart_of_a_day_has_gaps_where_nothing_was_known(room: Room) -> None:
    await room.store.write(numbers.rounds)
    room.web = FakeWeb(numbers.metrics())
    chart = (await room.ask("latency")).chart
    assert chart is not None
    assert (chart.limit, chart.unit, len(chart.days)) == (1200, "ms", 96)
    assert (chart.days[0], chart.days[-1]) == ("2026-11-22T15:15", "2026-11-23T15:00")
    by_time = dict(zip(chart.days, chart.lines["chart_p95"], strict=True))
    assert math.isnan(by_time["2026-11-23T05:00"])  # idle at night
    assert by_time["2026-11-22T23:15"] == 2450  # the evening was slow
    assert by_time["2026-11-23T14:45"] == 651
    assert math.isnan(by_time["2026-11-23T15:00"])  # this quarter has had no look yet


async def test_without_kept_numbers_there_is_an_answer_and_no_chart(room: Room) -> None:
    room.web = FakeWeb(numbers.metrics())
    page = await room.ask("latency")
    assert page.chart is None
    assert page.values["requests"] == 1415


async def test_one_number_makes_no_line(room: Room) -> None:
    def once(tx: SqlTx) -> None:
        sample = Sample("check_api_latency_p95.p95_ms", "web API", 500.0)
        tx.series.keep([sample], NOON - timedelta(hours=1))

    await room.store.write(once)
    room.web = FakeWeb(numbers.metrics())
    assert (await room.ask("latency")).chart is None


async def test_a_jobs_chart_has_its_runs_and_the_length_that_is_too_long(room: Room) -> None:
    room.shop.answers = {"scheduler_on_time/runs.sql.j2": numbers.runs_of}
    page = await room.ask("jobs recalc")
    assert page.chart is not None
    assert len(page.chart.days) == 60
    assert page.chart.limit == 3 * 41.5
    assert (await room.ask("jobs")).chart is None


@pytest.mark.parametrize(("period", "told"), [("10m", True), ("off", False)])
async def test_the_next_attempt_of_a_missed_job_is_shown(
    room: Room, period: str, *, told: bool
) -> None:
    room.shop.answers = {"scheduler_on_time/runs.sql.j2": numbers.runs_of}
    known = replace(PLANS.known["missed_jobs"], when=when("x", period, room.book.policy.zone))
    room.book = replace(room.book, plans=replace(PLANS, known={"missed_jobs": known}))
    at = NOON + timedelta(minutes=12)
    waits: Json = {"recalc_recent_metrics": {"at": at.isoformat(), "number": 2, "most": 4}}
    await room.store.write(lambda tx: tx.remember(attempts.KEY, waits, NOON))
    line = "The assistant starts it again 15:12: attempt 2 of 4"
    assert (line in await room.read("jobs")) == told
    assert (line in await room.read("jobs recalc")) == told
    assert line not in await room.read("jobs collect")


async def test_a_job_that_is_not_in_the_schedule_is_named_with_those_that_are(room: Room) -> None:
    room.shop.answers = {"scheduler_on_time/runs.sql.j2": numbers.runs_of}
    with pytest.raises(Unreadable) as refused:
        await room.ask("jobs nothing")
    assert refused.value.why.values["known"] == ["collect_yesterday_data", "recalc_recent_metrics"]
    assert (await room.ask("jobs c")).values["one"] is not None  # one letter will do here


async def test_the_database_is_drawn_by_day_and_the_limit_only_when_it_is_near(
    room: Room,
) -> None:
    await room.store.write(numbers.rounds)
    chart = (await room.ask("db 90")).chart
    assert chart is not None
    sizes = chart.lines["chart_size"]
    assert (chart.unit, chart.limit, chart.days[-1]) == ("MB", 10_000, "2026-11-23")
    assert sizes[-1] == 8600
    assert sizes[-2] == 8588
    assert sizes[-41] - sizes[-40] == 2500 - 12  # the vacuum
    assert len(sizes) == 90

    def small(tx: SqlTx) -> None:
        sample = Sample("check_db_growth.total_bytes", "shop database", 3e6)
        for n in range(60):
            tx.series.keep([sample], NOON + timedelta(days=n))

    await room.store.write(small)
    room.clock.forward(days=59)
    later = (await room.ask("db 30")).chart
    assert later is not None
    assert later.limit is None
    assert len(later.days) == 30


async def test_the_weekly_report_lives_on_what_is_there(room: Room) -> None:
    """A new installation has kept nothing; a missing source hides none of the others."""
    text = await room.read("report weekly")
    assert "has not been kept yet" in text
    assert "is known after two days of looks" in text
    assert "Not judged in this week" in text
    assert (await room.ask("report")).chart is None


async def test_the_weekly_reports_tables_are_those_that_grew(room: Room) -> None:
    await room.store.write(numbers.rounds)
    room.web = FakeWeb(numbers.metrics())
    page = await room.ask("report")
    tables = page.values["tables"]
    assert isinstance(tables, list)
    assert [(one.name, one.change) for one in tables] == [
        ("daily_sales", 63_000_000),
        ("a_table_with_quite_a_long_name", 21_000_000),
    ]
    assert page.chart is not None
    assert page.chart.limit == 10_000


async def test_the_monthly_report_tells_the_days_to_the_payout(room: Room) -> None:
    sold = numbers.sold()
    paid = [
        {
            "day": str(date.fromisoformat(row["day"]) + timedelta(days=7)),
            "marketplace": row["marketplace"],
            "inflow_rub": row["sales_rub"] * 0.8,
        }
        for row in sold
    ]
    room.answers(report_sales=sold, cash_flows=paid)
    text = await room.read("report monthly")
    assert "OZON: <b>7 days</b> on average" in text
    room.shop.missing = "daily_sales"
    text = await room.read("report monthly")
    assert "average" not in text
    assert "Incidents: 0" in text


def test_a_shop_of_a_month_does_not_tell_the_days_to_the_payout_from_noughts() -> None:
    """Two months before the first sale look alike in both, which is no payout on the same day."""
    first = NOON.date() - timedelta(days=90)
    days = [(first + timedelta(days=n)).isoformat() for n in range(75, 90)]
    sales: list[Row] = [{"day": day, "marketplace": "WB", "sales_rub": 1000} for day in days]
    flows: list[Row] = [{"day": day, "marketplace": "WB", "inflow_rub": 700} for day in days]
    (found,) = payouts(sales, flows, first, 90)
    assert (found.sales_rub, found.lag) == (15_000, None)
