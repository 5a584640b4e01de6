"""Compliance, budgets and burn rates as numbers."""

import math
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import slo
from bot.core.series import Stretch
from bot.core.slo import Budget, Slice, Tally
from tests.conftest import NOON

HOUR = timedelta(hours=1)
MOSCOW = ZoneInfo("Europe/Moscow")


def events(outcomes: str, step: timedelta = HOUR, subject: str = "x") -> list[Slice]:
    """One slice a letter, the last one just before noon: g(ood), b(ad), ? (unknown)."""
    return [
        Slice(
            at=NOON - step * (len(outcomes) - n) + timedelta(minutes=1),
            subject=subject,
            good=letter == "g",
            bad=letter == "b",
            unknown=letter == "?",
        )
        for n, letter in enumerate(outcomes)
    ]


def test_unknown_is_neither_good_nor_bad() -> None:
    found = slo.tally(events("ggg???b"))
    assert (found.good, found.bad, found.unknown, found.pct) == (3, 1, 3, 75.0)
    nothing = slo.tally(events("???"))
    assert nothing.pct is None
    assert Tally().pct is None


def test_a_share_is_never_rounded_up_to_its_target() -> None:
    assert Tally(good=9999, bad=1).pct == 99.99
    assert Tally(good=999_999, bad=1).pct == 99.99
    assert Tally(good=29, bad=0).pct == 100.0
    assert Tally(good=0.1 + 0.2, bad=0.0).pct == 100.0


def test_the_budget_in_whole_misses_and_in_percent() -> None:
    roomy = slo.budget(Tally(good=298, bad=2), 99)
    assert (roomy.whole, roomy.used) == (3, 2)
    assert roomy.left_pct == pytest.approx(100 / 3)
    small = slo.budget(Tally(good=13, bad=1), 99)
    assert small.whole == 0
    assert small.left_pct < 0
    assert slo.budget(Tally(good=14), 99).left_pct == 100
    assert slo.budget(Tally(good=14), 100).left_pct == 100
    assert slo.budget(Tally(good=13, bad=1), 100).left_pct == -math.inf
    assert Budget(allowed=2.9999999, used=0).whole == 3


def test_a_burn_rate_of_one_spends_the_budget_by_the_end() -> None:
    assert slo.burn(Tally(good=99, bad=1), 99) == pytest.approx(1)
    assert slo.burn(Tally(good=0, bad=10), 99) == pytest.approx(100)
    assert slo.burn(Tally(good=10), 99) == 0
    assert slo.burn(Tally(good=2, bad=3), 99) is None  # of five events chance says more
    assert slo.burn(Tally(good=99, bad=1), 100) is None


def test_burns_look_at_their_own_hours_alone() -> None:
    slices = events("b" * 6 + "g" * 72, step=HOUR / 12)  # bad ones over six hours ago
    one, six, three_days = slo.burns(slices, 99, NOON)
    assert (one.rate, one.fast) == (0, False)
    assert (six.rate, six.fast) == (0, False)
    assert three_days.rate == pytest.approx(100 * 6 / 78)
    assert three_days.fast
    fast, _, _ = slo.burns(events("gggggggggbbb", step=HOUR / 12), 99, NOON)
    assert fast.rate == pytest.approx(25)
    assert fast.fast
    assert [one.rate for one in slo.burns([], 99, NOON)] == [None, None, None]


def test_what_is_spent_stays_spent_and_days_are_those_of_people() -> None:
    days = [date(2026, 11, n) for n in (21, 22, 23)]
    late = NOON.replace(day=21, hour=21)  # already the 22nd in Moscow
    slices = [
        Slice(at=late, subject="x", bad=1),
        Slice(at=NOON, subject="x", good=199),
        Slice(at=NOON.replace(day=20), subject="x", unknown=9),
    ]
    assert slo.left_by_day(slices, days, 99, MOSCOW) == [100, 50, 50]
    assert slo.left_by_day([*slices, *events("b" * 9)], days, 99, MOSCOW)[-1] == -100


def stretch(hours: float, rounds: int, known: int, mean: float | None) -> Stretch:
    at = int((NOON + hours * HOUR).timestamp())
    return Stretch(at=at, rounds=rounds, known=known, mean=mean, top=None)


def of_rounds(*kept: Stretch, hours: float = 1) -> list[Slice]:
    return slo.of_rounds(
        kept,
        "web API",
        since=NOON,
        until=NOON + hours * HOUR,
        seconds=3600,
        every=timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("kept", "worth"),
    [
        ((12, 12, 1.0), (12, 0, 0)),
        ((12, 12, 0.75), (9, 3, 0)),
        ((12, 6, 0.5), (3, 3, 6)),
        ((12, 0, None), (0, 0, 12)),
        ((6, 6, 1.0), (6, 0, 6)),  # the assistant stood still for half of the hour
        ((120, 120, 0.5), (6, 6, 0)),  # rounds came ten times as fast: they weigh a tenth
        ((120, 60, 1.0), (6, 0, 6)),
    ],
)
def test_an_hour_of_rounds_is_worth_as_many_as_fit_into_it(
    kept: tuple[int, int, float | None], worth: tuple[float, float, float]
) -> None:
    [found] = of_rounds(stretch(0, *kept))
    assert (found.good, found.bad, found.unknown) == worth


def test_hours_without_a_round_are_unknown_and_the_hour_that_runs_counts_in_part() -> None:
    first, second, third = of_rounds(stretch(0, 12, 12, 1.0), hours=2.5)
    assert first.unknown == 0
    assert second.unknown == 12
    assert third.unknown == 6


@given(st.integers(0, 500), st.data(), st.floats(0, 1))
def test_an_hour_is_never_worth_more_than_an_hour(
    rounds: int, data: st.DataObject, mean: float
) -> None:
    known = data.draw(st.integers(0, rounds))
    [found] = of_rounds(stretch(0, rounds, known, mean)) if rounds else of_rounds()
    whole = found.good + found.bad + found.unknown
    assert whole == pytest.approx(12)
    assert min(found.good, found.bad + 1e-9, found.unknown) >= 0
