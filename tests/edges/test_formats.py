"""Numbers and times as they stand on a phone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.edges import formats

NARROW = formats.NARROW


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-15000, f"{formats.MINUS}15 000 ₽"),
        (0, "0 ₽"),
        (-0.4, "0 ₽"),
        (999.6, "1 000 ₽"),
        (1234567, "1 234 567 ₽"),
        (999_999_999_999_999, "999 999 999 999 999 ₽"),
        (-9e307, f"{formats.MINUS}9.00e+307 ₽"),
    ],
)
def test_rub(value: float, text: str) -> None:
    assert formats.rub(value).replace(NARROW, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "2 kB"),
        (999_600, "1.0 MB"),
        (5_600_000_000, "5.6 GB"),
        (123_456_789_000, "123 GB"),
        (5_000_000_000_000_000, "5 000 TB"),
    ],
)
def test_size(value: float, text: str) -> None:
    assert formats.size(value).replace(NARROW, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (0.3, "under 1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (2580, "43 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_dur(value: float, text: str) -> None:
    assert formats.dur(value) == text


def test_pct_and_ms() -> None:
    assert (formats.pct(97.46), formats.pct(100.0)) == ("97.5 %", "100 %")
    assert formats.ms(2340.4).replace(NARROW, " ") == "2 340 ms"


def test_times_are_local_and_say_the_day_only_when_it_is_another() -> None:
    now = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # 24 November, 00:30 in Moscow
    local = formats.local_filter(ZoneInfo("Europe/Moscow"), lambda: now)
    assert local("2026-11-23T21:05:00+00:00") == "00:05"
    assert local(datetime(2026, 11, 23, 20, 5, tzinfo=UTC)) == "23 Nov 23:05"
    assert local("2026-11-23 21:05:00") == "00:05"  # what the shop's tables hold is UTC
    assert formats.day("2026-11-02") == "2 Nov"
