"""Three questions timed around work on the database: bounded, and shown as wide as a phone."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.model import Facts, Row, Scalar, Unreadable, phrase
from bot.edges.templates import Templates, plain
from bot.remediations import _timings
from bot.remediations._timings import timings
from tests.checks.fakes import spaced
from tests.remediations.fakes import JOB, MOMENT, NOW, FakeShop, tools


class Slow(FakeShop):
    """Answers one question at once, one never, and cannot be asked the third."""

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        if "day_rows" in query:
            await asyncio.Event().wait()
        if "reconciled" in query:
            raise Unreadable(phrase("shop_missing_column", column="vw_commission_recon.d"))
        return await super().rows(query, **binds)


async def test_what_takes_too_long_is_given_up_and_what_cannot_be_asked_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_timings, "LIMIT", 0.05)
    found = await timings(tools(shop=Slow([])), JOB)
    assert list(found) == ["sold_lately", "day_rows"]
    assert isinstance(found["sold_lately"], float)
    assert found["day_rows"] is None


class Once(FakeShop):
    """Answers each question once and never again."""

    asked: set[str]

    async def rows(self, query: str, /, **binds: Scalar) -> Sequence[Row]:
        if query in self.asked:
            await asyncio.Event().wait()
        self.asked.add(query)
        return await super().rows(query, **binds)


async def test_a_time_that_was_measured_is_kept_where_the_next_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_timings, "LIMIT", 0.05)
    shop = Once([])
    shop.asked = set()
    found = await timings(tools(shop=shop), JOB)
    assert [isinstance(one, float) for one in found.values()] == [True, True, True]


async def test_the_fastest_of_a_few_times_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.4, 1.0, 1.005, 2.0, 2.2] * 3)
    monkeypatch.setattr("bot.remediations._timings.time.perf_counter", lambda: next(clock))
    assert set((await timings(tools(shop=FakeShop([])), JOB)).values()) == {5.0}


def shown(before: Facts, after: Facts) -> list[str]:
    templates = Templates(zone=MOMENT.zone, clock=lambda: NOW)
    given = {"before": {"timings": before}, "after": {"timings": after}}
    text = templates.render("remediations/_timings.html.j2", **given)
    return spaced(plain(text)).splitlines()


def test_the_table_is_as_wide_as_a_phone() -> None:
    before: Facts = {"sold_lately": 1999.9, "day_rows": None}
    after: Facts = {"sold_lately": 3.2, "day_rows": 1234.5, "reconciled": 17.0}
    assert shown(before, after) == [
        "Question             Before    After",
        "who sold lately    2 000 ms     3 ms",
        "sales of a week    over 2 s 1 234 ms",
        "outliers of a week        –    17 ms",
    ]


def test_without_any_time_there_is_no_table() -> None:
    assert shown({}, {}) == []
