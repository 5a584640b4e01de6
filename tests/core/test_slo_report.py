"""The JSON of service levels, from a real store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.book import Book
from bot.core.model import Moment, Unreadable, phrase
from bot.core.series import Sample
from bot.core.slo import Objective, Slice
from bot.core.slo_report import SloReport
from bot.core.tools import Tools
from bot.edges.store import SqlStore
from bot.edges.store.tx import SqlTx
from tests import fakes
from tests.conftest import NOON

MOSCOW = ZoneInfo("Europe/Moscow")
AT = Moment(now=NOON, zone=MOSCOW)  # 15:00 in Moscow
MIDNIGHT = NOON.replace(hour=21) - timedelta(days=1)
API = "check_api_latency_p95"


class Scene:
    """Three promises and what became of them."""

    def __init__(self, store: SqlStore, book: Book) -> None:
        self.store = store
        self.days: Sequence[Slice] | Unreadable = ()
        self.runs: Sequence[Slice] = ()
        self.p95: float | None = None
        self.counted: Mapping[str, float] = {}
        promises = {
            API: Objective(
                name="latency", target_pct=99, subject="web API", limit_ms=1200, p95=self._p95
            ),
            "check_ingest_success_rate": Objective(
                name="ingest", target_pct=99, events=self._days
            ),
            "check_scheduler_on_time": Objective(
                name="scheduler", target_pct=98, events=self._runs
            ),
        }
        runbooks = {
            name: fakes.runbook(name=name, objective=promise) for name, promise in promises.items()
        }
        self.report = SloReport(
            book=replace(book, runbooks=runbooks),
            tools=fakes.tools(fakes.World()),
            store=store,
            interval=timedelta(minutes=5),
        )

    def switch_off(self, name: str) -> None:
        books = self.report.book.runbooks
        books = {**books, name: replace(books[name], enabled=False)}
        self.report = replace(self.report, book=replace(self.report.book, runbooks=books))

    async def _days(
        self, _tools: Tools, since: datetime, until: datetime, _zone: ZoneInfo
    ) -> Sequence[Slice]:
        if isinstance(self.days, Unreadable):
            raise self.days
        return [one for one in self.days if since <= one.at < until]

    async def _runs(
        self, _tools: Tools, since: datetime, until: datetime, _zone: ZoneInfo
    ) -> Sequence[Slice]:
        return [one for one in self.runs if since <= one.at < until]

    async def _p95(
        self, _tools: Tools, _since: datetime, _until: datetime, buckets: Mapping[str, float]
    ) -> float | None:
        self.counted = buckets
        return self.p95

    async def rounds(self, since: datetime, *values: float | None) -> None:
        def keep(tx: SqlTx) -> None:
            for n, value in enumerate(values):
                status = Sample(f"{API}.status", "web API", value)
                bucket = Sample(f"{API}.buckets:0.5", "web API", 10.0)
                tx.series.keep([status, bucket], since + n * timedelta(minutes=5))

        await self.store.write(keep)


@pytest.fixture
def scene(store: SqlStore, book: Book) -> Scene:
    return Scene(store, book)


def good(*days_ago: float) -> list[Slice]:
    return [Slice(at=NOON - timedelta(days=n), subject="WB", good=1) for n in days_ago]


def bad(*days_ago: float) -> list[Slice]:
    return [Slice(at=NOON - timedelta(days=n), subject="WB", bad=1) for n in days_ago]


async def test_the_json_is_that_of_sovani(scene: Scene) -> None:
    scene.days = good(0.1, 1, 2, 3)
    scene.runs = [*good(0.1, 1, 2), *bad(3)]
    scene.p95 = 912.5
    assert await scene.report.last_days(AT, 7) == {
        "status": "ok",
        "d_from": "2026-11-17",
        "d_to": "2026-11-23",
        "days_analyzed": 7,
        "ingest": {"pass": True, "actual_pct": 100.0, "target_pct": 99},
        "scheduler": {"pass": False, "actual_pct": 75.0, "target_pct": 98},
        "api_latency": {"pass": True, "actual_p95_ms": 912.5, "target_p95_ms": 1200},
        "overall_pass": False,
    }


async def test_all_must_pass_and_unknown_does_not(scene: Scene) -> None:
    scene.days, scene.runs, scene.p95 = good(1), good(1), 100.0
    assert (await scene.report.last_days(AT, 7))["overall_pass"] is True
    scene.p95 = None
    found = await scene.report.last_days(AT, 7)
    assert found["api_latency"] == {
        "pass": None,
        "actual_p95_ms": None,
        "target_p95_ms": 1200,
    }
    assert found["overall_pass"] is False


async def test_what_cannot_be_read_is_unknown_and_hides_nothing_else(scene: Scene) -> None:
    scene.days = Unreadable(phrase("shop_locked", path="x"))
    scene.runs, scene.p95 = good(1), 100.0
    found = await scene.report.last_days(AT, 7)
    assert found["ingest"] == {"pass": None, "actual_pct": None, "target_pct": 99}
    assert found["scheduler"] == {"pass": True, "actual_pct": 100.0, "target_pct": 98}
    assert found["overall_pass"] is False
    [level] = await scene.report.levels(AT, AT.today, AT.today, only="ingest")
    assert level.why == phrase("shop_locked", path="x")


async def test_only_what_lies_between_the_dates_counts(scene: Scene) -> None:
    scene.days = [*good(1), *bad(2), *good(3), *bad(9)]
    found = await scene.report.summary(AT, date(2026, 11, 21), date(2026, 11, 22))
    assert found["ingest"] == {"pass": False, "actual_pct": 50.0, "target_pct": 99}
    assert found["days_analyzed"] == 2
    empty = await scene.report.summary(AT, date(2027, 1, 1), date(2027, 1, 2))
    assert empty["ingest"] == {"pass": None, "actual_pct": None, "target_pct": 99}


async def test_rounds_are_counted_with_those_that_are_missing(scene: Scene) -> None:
    await scene.rounds(MIDNIGHT, *[1.0] * 100, *[0.0] * 10, *[None] * 10)
    [level] = await scene.report.levels(AT, AT.today, AT.today, only="latency")
    assert (level.tally.good, level.tally.bad, level.tally.unknown) == (100, 10, 70)  # of 15 hours
    assert level.passed is False
    assert scene.counted == {"0.5": 1200}
    assert [one.rate for one in level.burns] == [None, None, pytest.approx(100 * 10 / 110)]


async def test_a_day_before_anything_was_kept_is_unknown(scene: Scene) -> None:
    [level] = await scene.report.levels(AT, date(2026, 11, 1), date(2026, 11, 1), only="latency")
    assert (level.passed, level.tally.known, level.tally.unknown) == (None, 0, 288)


async def test_what_is_switched_off_promises_nothing(scene: Scene) -> None:
    scene.days, scene.runs, scene.p95 = bad(1), good(1), 100.0
    scene.switch_off("check_ingest_success_rate")
    found = await scene.report.last_days(AT, 7)
    assert found["ingest"] == {"off": True, "pass": None, "actual_pct": None, "target_pct": 99}
    assert found["overall_pass"] is True
    [level] = await scene.report.levels(AT, AT.today, AT.today, only="ingest")
    assert (level.off, level.why) == ("CHECKS__INGEST_SUCCESS_RATE__ENABLED", None)
    assert level.tally.pct is None
    scene.switch_off("check_scheduler_on_time")
    scene.switch_off(API)
    found = await scene.report.last_days(AT, 7)
    off = {"off": True, "pass": None, "actual_p95_ms": None, "target_p95_ms": 1200}
    assert found["api_latency"] == off
    assert found["overall_pass"] is False  # nothing is known at all
