"""Days from sale to payout, or the word that they cannot be told."""

import random

import pytest

from bot.core.payout import lag

DAYS = 90


def sales(seed: int = 1) -> list[float]:
    dice = random.Random(seed)
    return [100_000 + dice.uniform(-30_000, 30_000) + 20_000 * (n % 7 == 5) for n in range(DAYS)]


def paid_after(days: int, sold: list[float], share: float = 0.8) -> list[float]:
    return [0.0] * days + [share * one for one in sold[: DAYS - days]]


@pytest.mark.parametrize("days", [0, 1, 7, 14, 30])
def test_payouts_that_follow_are_found(days: int) -> None:
    found = lag(sales(), paid_after(days, sales()))
    assert found is not None
    assert found.days == days
    assert found.likeness > 0.99


def test_noise_in_the_payouts_does_not_hide_them() -> None:
    dice = random.Random(2)
    noisy = [one * dice.uniform(0.9, 1.1) for one in paid_after(7, sales())]
    found = lag(sales(), noisy)
    assert found is not None
    assert found.days == 7


def test_weekly_payouts_are_seen_by_the_week() -> None:
    sold = [one * (1 + n / 40) for n, one in enumerate(sales())]
    weekly = [sum(sold[n - 13 : n - 6]) if n % 7 == 6 and n > 12 else 0.0 for n in range(DAYS)]
    found = lag(sold, weekly)
    assert found is not None
    assert 5 <= found.days <= 14


def test_what_does_not_follow_is_not_claimed() -> None:
    dice = random.Random(3)
    assert lag(sales(), [dice.uniform(0, 100_000) for _ in range(DAYS)]) is None
    assert lag(sales(), [0.0] * DAYS) is None
    assert lag([5.0] * DAYS, [5.0] * DAYS) is None  # every day fits
    assert lag([], []) is None
    assert lag(sales()[:20], sales()[:20]) is None  # too few days


def test_two_stretches_of_different_days_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="same days"):
        lag([1.0], [])
