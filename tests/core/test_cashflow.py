"""Runway, reserve, what costs more than usual, and payouts that are late."""

import pytest

from bot.core.cashflow import Delay, contributions, delay, forecast, trend

LIMIT = -10_000.0


@pytest.mark.parametrize(
    ("balance", "net", "days_left"),
    [(20_000, -1_000, 30), (20_000, 0, None), (20_000, 500, None), (-15_000, -1_000, 0)],
)
def test_days_until_the_limit(balance: float, net: float, days_left: int | None) -> None:
    found = forecast(balance, {str(n): (net, 2_000.0) for n in range(28)}, LIMIT)
    assert found is not None
    assert found.days_left == days_left
    assert found.days == 28


@pytest.mark.parametrize(
    ("balance", "out", "reserve"), [(60_000, 2_000, 30), (-1, 2_000, 0), (60_000, 0, None)]
)
def test_reserve_is_in_days_of_what_goes_out(
    balance: float, out: float, reserve: int | None
) -> None:
    found = forecast(balance, {"1": (0.0, out)}, LIMIT)
    assert found is not None
    assert found.reserve_days == reserve


def test_without_flows_nothing_is_foretold() -> None:
    assert forecast(1, {}, LIMIT) is None


def test_what_rose_most_comes_first() -> None:
    days = [{"commissions": 100.0, "delivery": 50.0, "promo": 0.0}] * 28
    parts = contributions([*days, {"commissions": 110.0, "delivery": 150.0, "promo": 7.0}])
    assert [(one.name, one.times) for one in parts] == [
        ("delivery", 3.0),
        ("commissions", 1.1),
        ("promo", None),
    ]


def test_one_strange_day_is_not_usual() -> None:
    days = [{"delivery": 50.0}] * 20 + [{"delivery": 9_000.0}] * 3
    assert contributions([*days, {"delivery": 50.0}])[0].usual_rub == 50
    assert contributions([]) == []


@pytest.mark.parametrize(
    ("received", "late"),
    [
        ([70.0] * 28, None),
        ([70.0] * 25 + [0.0] * 3, Delay(marketplace="WB", days=3, missing_rub=210)),
        ([70.0] * 27 + [0.0], None),  # a day is less than a tenth of four weeks
        ([100.0] * 28, None),
        ([0.0] * 28, Delay(marketplace="WB", days=28, missing_rub=1960)),
        ([0.0] * 27 + [1960.0], None),  # came late, but came
    ],
)
def test_payouts_that_are_due(received: list[float], late: Delay | None) -> None:
    assert delay("WB", [70.0] * 28, received) == late


def test_nothing_due_is_never_late() -> None:
    assert delay("WB", [0.0] * 7, [0.0] * 7) is None
    assert delay("WB", [], []) is None


def test_trend() -> None:
    assert trend(110, 100) == 10
    assert trend(-50, -100) == 50
    assert trend(1, 0) is None
