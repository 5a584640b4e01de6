"""Steps of people: the catalogue, and when they are due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import todo
from bot.core.params import Param, parse
from bot.core.question import Command
from bot.core.todo import CATALOGUE, STEPS, Item, due_of, following, postponed
from tests.conftest import NOON

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NINE = time(9)
WORDS = ("due", "alert", "text")
TODO = Command(
    name="todo",
    about="",
    params=[
        Param(name="due", default="", pattern=todo.DUE),
        Param(name="alert", default="", pattern=r"#\d{1,9}"),
        Param(name="text", default="", rest=True),
    ],
)


def test_every_step_is_there_once_with_a_time_of_its_own() -> None:
    assert len(CATALOGUE) == len(STEPS)
    assert {one.runbook for one in STEPS} == {2, 3, 4, 5}
    assert all(timedelta(hours=1) <= one.due <= timedelta(days=60) for one in STEPS)
    assert [one.line for one in todo.of_runbook(3)] == ["R4a", "R4b", "R4c", "R3c"]


@pytest.mark.parametrize(
    ("word", "due"),
    [
        ("30m", "2026-11-23T12:30"),
        ("2h", "2026-11-23T14:00"),
        ("3D", "2026-11-26T12:00"),
        ("1w", "2026-11-30T12:00"),
        ("18:00", "2026-11-23T15:00"),  # Moscow is three hours ahead of UTC
        ("9:05", "2026-11-24T06:05"),  # past already: tomorrow's
        ("tomorrow", "2026-11-24T06:00"),
        ("2026-12-01", "2026-12-01T06:00"),
    ],
)
def test_a_time_is_read_as_people_say_it(word: str, due: str) -> None:
    wanted = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert due_of(word, NOON, MOSCOW, NINE) == wanted


@pytest.mark.parametrize(
    "word", ["0m", "2026-11-23", "2020-01-01", "2026-02-30", "25:00", "9999w", "367d", "soon"]
)
def test_what_is_no_time_within_a_year_is_refused(word: str) -> None:
    assert due_of(word, NOON, MOSCOW, NINE) is None


@pytest.mark.parametrize(
    ("later", "wanted"),
    [
        (timedelta(0), timedelta(days=1)),
        (timedelta(hours=23), timedelta(days=1)),
        (timedelta(days=1), timedelta(days=2)),
        (timedelta(days=3, hours=5), timedelta(days=4)),
    ],
)
def test_it_rings_again_at_the_same_time_of_day(later: timedelta, wanted: timedelta) -> None:
    assert following(NOON, NOON + later, MOSCOW) == NOON + wanted


def test_the_time_of_day_is_that_of_the_wall_also_when_summer_ends() -> None:
    due = datetime(2026, 10, 24, 7, tzinfo=UTC)  # nine in Berlin
    again = following(due, due, BERLIN)
    assert again == datetime(2026, 10, 25, 8, tzinfo=UTC)
    assert again.astimezone(BERLIN).time() == NINE


@given(
    due=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  # UTC below
    later=st.timedeltas(timedelta(0), timedelta(days=400)),
    zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")]),
)
def test_it_rings_within_a_day_whatever_the_day(
    due: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    due = due.replace(tzinfo=UTC)
    again = following(due, due + later, zone)
    assert timedelta(0) < again - (due + later) <= timedelta(hours=26)  # the wall clock may jump


def test_a_day_later_is_never_in_the_past() -> None:
    assert postponed(NOON, NOON - timedelta(hours=3), MOSCOW) == NOON + timedelta(days=1)
    assert postponed(NOON, NOON + timedelta(days=9), MOSCOW) == NOON + timedelta(days=10)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ("", "", "")),
        ("call the bank", ("", "", "call the bank")),
        ("2h call the bank", ("2h", "", "call the bank")),
        ("2h #12 call the bank", ("2h", "#12", "call the bank")),
        ("#12 call", ("", "#12", "call")),
        ("- - 2h is not enough", ("", "", "2h is not enough")),
        ("T5", ("", "", "T5")),
        ("3d T5", ("3d", "", "T5")),
    ],
)
def test_what_is_left_out_before_the_text_is_left_out(typed: str, found: tuple[str, ...]) -> None:
    args = parse(TODO, typed.split())
    assert tuple(args[name] for name in WORDS) == found


def test_a_step_that_a_release_no_longer_knows_has_its_bare_name() -> None:
    item = Item(
        id=1,
        step="gone",
        chat_id=1,
        created_at=NOON,
        created_by="Ann",
        created_id=1,
        due_at=NOON,
        remind_at=NOON,
    )
    assert (item.title.key, dict(item.title.values)) == ("step_text", {"text": "gone"})
