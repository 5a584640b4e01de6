"""Whether a rule's last day is its `effective_until`, from what a shop's own view does with it."""

from datetime import date

import pytest

from bot.core.rule_days import Ends, read
from tests.fakes import FakeShop

LAST, NEXT = date(2026, 11, 20), date(2026, 11, 21)


def shop(view: str | None, same_day: int | None = None, day_apart: int | None = None) -> FakeShop:
    return FakeShop(
        answers={
            "rates/view.sql.j2": [{"sql": view}],
            "rates/joints.sql.j2": [{"same_day": same_day, "day_apart": day_apart}],
        }
    )


@pytest.mark.parametrize(
    "condition",
    [
        "s.d <= r.effective_until",
        "r.effective_until IS NULL OR s.d <= r.effective_until",
        'r."effective_until" >= s.d',
        "s.d <= COALESCE(r.effective_until, '9999-12-31')",
        "COALESCE(r.effective_until, '9999-12-31'::date) >= s.d",
        "s.d BETWEEN r.effective_from AND ifnull(effective_until, '9999-12-31')",
        "(s.d >= f) AND ((r.effective_until IS NULL)\n OR (s.d <= r.effective_until))",
    ],
)
async def test_a_view_that_takes_the_day_in(condition: str) -> None:
    assert await read(shop(f"SELECT 1 WHERE {condition}", same_day=9)) == Ends(held=True)


@pytest.mark.parametrize(
    "condition",
    [
        "s.d < r.effective_until",
        "(r.effective_until IS NULL) OR (s.d < r.effective_until)",
        "r.effective_until > s.d",
        "s.d < COALESCE(r.effective_until, '9999-12-31')",
    ],
)
async def test_a_view_that_leaves_it_out(condition: str) -> None:
    assert await read(shop(f"SELECT 1 WHERE {condition}", day_apart=9)) == Ends(held=False)


@pytest.mark.parametrize(
    "view",
    [
        None,
        "SELECT 1 WHERE effective_until IS NULL",
        "SELECT 1 WHERE d <> effective_until",
        "SELECT 1 WHERE d < a.effective_until UNION SELECT 1 WHERE d <= b.effective_until",
    ],
)
async def test_where_the_view_does_not_say_the_rules_do(view: str | None) -> None:
    assert await read(shop(view, same_day=1, day_apart=3)) == Ends(held=True)
    assert await read(shop(view, same_day=3, day_apart=1)) == Ends(held=False)
    assert await read(shop(view)) == Ends(held=False)


def test_both_ways_name_the_same_days() -> None:
    for ends in (Ends(held=True), Ends(held=False)):
        assert ends.last_day(ends.before(NEXT)) == LAST
