"""Which missed jobs are started, out of the words of a setting."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.missed import Missed, parse

DUE = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # past midnight in Moscow


def test_a_collector_is_given_the_day_before_and_a_recalculation_its_days() -> None:
    collect, recalc, usual = parse("sales=collect,figures=recalc:14, more=recalc,")
    zone = ZoneInfo("Europe/Moscow")
    assert (collect.action, collect.arguments(DUE, zone)) == (
        "remediate_collect",
        {"date": "2026-11-23"},
    )
    assert (recalc.action, recalc.arguments(DUE, zone)) == ("remediate_recalc", {"days": 14})
    assert usual == Missed("more", "recalc", 7)
    assert parse("") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sales", "is neither job=collect nor job=recalc:days"),
        ("sales=vacuum", "is neither"),
        ("sales=collect:7", "is neither"),
        ("a b=collect", "is neither"),
        ("=collect", "is neither"),
        ("a=recalc:", "a: '' is not 1 to 60 days"),
        ("a=recalc:61", "a: '61' is not 1 to 60 days"),
        ("a=collect,a=recalc", "a is there twice"),
    ],
)
def test_a_mistake_is_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        parse(text)
    assert "\n" not in str(refused.value)
