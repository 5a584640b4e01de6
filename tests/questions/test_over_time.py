"""Kept numbers as charts."""

import math
from datetime import timedelta

from bot.core.series import Sample
from bot.edges.store.tx import SqlTx
from tests.checks.fakes import FakeWeb
from tests.conftest import NOON
from tests.questions import numbers
from tests.questions.conftest import Room


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
