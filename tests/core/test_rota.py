"""Hours of the week: shifts, nights, the days the clocks change, and what is refused."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rota import Hours, duty, morning, on_duty, parse_hours, parse_rota

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
ROTA = parse_rota("1001 Mon-Fri 09:00-18:00; 1002 18:00-09:00")


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "people"),
    [
        (moscow(23, 9), (1001,)),
        (moscow(23, 17, 59), (1001,)),
        (moscow(23, 18), (1002,)),
        (moscow(24, 3), (1002,)),
        (moscow(24, 8, 59), (1002,)),
        (moscow(28, 12), ()),  # Saturday
        (moscow(28, 8), (1002,)),  # the night that began on Friday
    ],
)
def test_who_is_on_duty(now: datetime, people: tuple[int, ...]) -> None:
    assert on_duty(ROTA, now, MOSCOW) == people


def test_duty_lasts_until_somebody_else_has_it() -> None:
    found = duty(ROTA, moscow(23, 12), MOSCOW)
    assert (found.people, found.until) == ((1001,), moscow(23, 18))
    nobody = duty(ROTA, moscow(28, 12), MOSCOW)
    assert (nobody.people, nobody.until) == ((), moscow(28, 18))


def test_one_person_always_on_duty_never_changes() -> None:
    rota = parse_rota("1 00:00-24:00")
    assert duty(rota, moscow(23, 12), MOSCOW).people == (1,)
    assert duty(rota, moscow(23, 12), MOSCOW).until is None
    assert duty((), moscow(23, 12), MOSCOW).until is None


def test_two_shifts_of_one_person_are_one_person() -> None:
    rota = parse_rota("1 09:00-12:00; 2 09:00-18:00; 1 10:00-18:00")
    assert on_duty(rota, moscow(23, 11), MOSCOW) == (1, 2)


def test_a_night_is_an_hour_longer_when_the_clocks_go_back() -> None:
    night = parse_hours("Sat 22:00-06:00")
    span = night.on(datetime(2026, 10, 24, tzinfo=BERLIN).date(), BERLIN)
    assert span is not None
    assert (span[1] - span[0]).total_seconds() == 9 * 3600
    assert night.until(datetime(2026, 10, 25, 4, 59, tzinfo=UTC), BERLIN) == span[1]
    assert night.until(datetime(2026, 10, 25, 5, 0, tzinfo=UTC), BERLIN) is None


def test_the_last_end_is_found_whenever_one_looks() -> None:
    sunday = parse_hours("Sun 02:00-04:00")
    end = moscow(22, 4)
    assert sunday.ends_between(moscow(22, 3, 59), end, MOSCOW) == end
    assert sunday.ends_between(end, moscow(23, 12), MOSCOW) is None
    assert sunday.ends_between(moscow(20, 0), moscow(25, 0), MOSCOW) == end
    assert sunday.ends_between(moscow(22, 3), moscow(22, 3, 59), MOSCOW) is None


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (moscow(23, 15), moscow(24, 9)),
        (moscow(24, 3), moscow(24, 9)),
        (moscow(24, 9), moscow(25, 9)),
    ],
)
def test_morning_is_the_next_one(now: datetime, end: datetime) -> None:
    assert morning(now, time(9), MOSCOW) == end


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("02:00-04:00", range(7)),
        ("Sun 02:00-04:00", [6]),
        ("fri-MON 02:00-04:00", [4, 5, 6, 0]),
        ("Mon+Wed 02:00-04:00", [0, 2]),
    ],
)
def test_hours_are_read(text: str, days: list[int]) -> None:
    assert parse_hours(text) == Hours(time(2), time(4), frozenset(days))


@pytest.mark.parametrize(
    "text",
    ["", "Sun", "25:00-26:00", "02:00", "Sunday 02:00-04:00", "Sun Mon 02:00-04:00", "2-4-6"],
)
def test_other_hours_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a span such as Sun 02:00-04:00"):
        parse_hours(text)


@pytest.mark.parametrize("text", ["Ann 09:00-18:00", "-1 09:00-18:00", "09:00-18:00"])
def test_a_shift_begins_with_a_user_id(text: str) -> None:
    with pytest.raises(ValueError, match="does not begin with a user id"):
        parse_rota(text)


HOURS = st.builds(
    Hours,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(HOURS)
def test_hours_read_back_as_they_are_written(hours: Hours) -> None:
    assert parse_hours(str(hours)) == hours


@given(HOURS, MOMENTS)
def test_what_holds_now_ends_later_and_is_seen_to_end(hours: Hours, now: datetime) -> None:
    until = hours.until(now, BERLIN)
    if until is not None:
        assert now < until
        ended = hours.ends_between(now, until, BERLIN)
        assert ended == until
