"""Due times: each once, whatever restarts, kills, clocks and settings do."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core import planned
from bot.core.planned import DONE, Entry, Planned, Result, Told
from bot.edges.schedules import when
from tests.conftest import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAILED = Told(result=Result.FAILED)


def plan(text: str, zone: str = "Europe/Moscow") -> Planned:
    return Planned(
        name="brief", title="", about="", when=when("X", text, ZoneInfo(zone)), usual=text
    )


class Life:
    """One scheduled thing; the entry is all that survives."""

    def __init__(self, text: str, zone: str = "Europe/Moscow", start: datetime = NOON) -> None:
        self.plan, self.zone = plan(text, zone), zone
        self.entry: Entry | None = None
        self.done: list[datetime] = []
        self.at: list[datetime] = []
        self.look(start)

    def look(self, now: datetime, told: Told = DONE, *, killed: bool = False) -> bool:
        """One look; killed: after the reading, before the transaction."""
        self.entry = planned.settled(self.entry, self.plan, self.zone, now)
        it = planned.turn(self.entry, now)
        if it is None or killed:
            return it is not None
        if told.result is Result.DONE:
            self.done.append(it.due)
            self.at.append(now)
        self.entry = planned.ended(self.entry, it, told, self.plan.when, now)
        return True


def expected(text: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    found, it = [], plan(text, zone).when
    assert it is not None
    at = it.due(start)
    while at <= end:
        found.append(at)
        at = it.due(at)
    return found


CRONS = ["0 9 * * *", "0 9 * * 1-5", "30 2 * * *", "*/30 * * * *", "0 3 1 * *", "15 2 * * 0"]
# Spring forward and fall back in Berlin; Moscow has no such hours.
STARTS = [
    ("Europe/Moscow", datetime(2026, 11, 23, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 27, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 23, 12, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 2, 12, tzinfo=UTC)),
]


@pytest.mark.parametrize("text", CRONS)
@pytest.mark.parametrize(("zone", "start"), STARTS)
def test_each_due_time_is_done_once_over_kills(text: str, zone: str, start: datetime) -> None:
    chance = random.Random(7)
    life, end = Life(text, zone, start), start + 5 * DAY
    now = start
    while now < end:
        now += 5 * MINUTE
        life.look(now, killed=chance.random() < 0.2)
    for _ in range(3):
        life.look(end)
    wanted = expected(text, zone, start, end)
    missed_by_kills = set(wanted) - set(life.done)
    # Killed for so long that the next one fell due: done once, late, for the older time.
    assert len(missed_by_kills) <= (3 if "30 *" in text else 0)
    assert len(life.done) == len(set(life.done))
    assert set(life.done) <= set(wanted)


@pytest.mark.parametrize("text", CRONS)
@pytest.mark.parametrize("seed", range(5))
def test_the_clock_jumps_an_hour_and_nothing_is_done_twice(text: str, seed: int) -> None:
    chance = random.Random(seed)
    life, real, off = Life(text), NOON, timedelta(0)
    while real < NOON + 8 * DAY:
        real += 7 * MINUTE
        if chance.random() < 0.02:
            off = chance.choice([-HOUR, timedelta(0), HOUR])
        life.look(real + off)
    life.look(real)
    assert len(life.done) == len(set(life.done))
    assert life.done == sorted(life.done)
    wanted = expected(text, "Europe/Moscow", NOON, real)
    daily = text != "*/30 * * * *"
    if daily:  # none is left out; a frequent one may have been due several times in a jump
        assert [one for one in wanted if one <= real - HOUR and one not in life.done] == []


def test_set_back_while_it_works_it_is_not_done_again() -> None:
    life = Life("0 9 * * *")
    assert life.entry is not None
    due = life.entry.due
    assert due is not None
    it = planned.turn(life.entry, due)
    assert it is not None
    life.entry = planned.ended(life.entry, it, DONE, life.plan.when, due - HOUR)
    assert life.look(due) is False
    assert life.entry.due == due + DAY


def test_missed_for_a_week_it_is_done_once_late() -> None:
    life = Life("0 9 * * *")
    week = NOON + 7 * DAY
    assert life.look(week) is True
    assert life.look(week + MINUTE) is False
    assert life.done == [datetime(2026, 11, 24, 6, tzinfo=UTC)]
    assert life.entry is not None
    assert life.entry.next_at == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_a_failure_is_tried_again_three_times_and_then_at_its_next_time() -> None:
    life, tries = Life("0 9 * * *"), []
    now = NOON
    while now < NOON + 2 * DAY:
        if life.look(now, FAILED):
            tries.append(now)
        now += MINUTE
    first = datetime(2026, 11, 24, 6, tzinfo=UTC)
    again = [first + 5 * MINUTE, first + 35 * MINUTE, first + 155 * MINUTE]
    assert tries == [first, *again, first + DAY, *(one + DAY for one in again)]


def test_what_failed_and_then_worked_is_done_once() -> None:
    life = Life("0 9 * * *")
    due = datetime(2026, 11, 24, 6, tzinfo=UTC)
    life.look(due, FAILED)
    assert life.look(due + MINUTE) is False
    assert life.look(due + 5 * MINUTE) is True
    assert life.done == [due]
    assert life.look(due + 6 * MINUTE) is False


def test_what_waits_is_looked_at_when_it_may_be_done() -> None:
    life = Life("0 9 * * *")
    due = datetime(2026, 11, 24, 6, tzinfo=UTC)
    life.look(due, Told(result=Result.WAITS, until=due + 17 * HOUR))
    assert life.look(due + 16 * HOUR) is False
    assert life.look(due + 17 * HOUR) is True
    assert life.done == [due]


def test_off_does_nothing_and_on_again_catches_nothing_up() -> None:
    life, on = Life("0 9 * * *"), plan("0 9 * * *")
    life.plan = replace(on, when=None)
    assert life.look(NOON + 3 * DAY) is False
    assert life.entry is not None
    assert life.entry.next_at is None
    life.plan = on
    assert life.look(NOON + 3 * DAY) is False
    assert life.look(NOON + 4 * DAY) is True
    assert life.done == [datetime(2026, 11, 27, 6, tzinfo=UTC)]


def test_off_and_on_after_it_was_done_does_not_repeat_it() -> None:
    life, on = Life("0 9 * * *"), plan("0 9 * * *")
    due = datetime(2026, 11, 24, 6, tzinfo=UTC)
    life.look(due)
    life.plan = replace(on, when=None)
    life.look(due + MINUTE)
    life.plan = on
    for minutes in range(-50, 300, 5):  # the clock was set back meanwhile
        life.look(due + minutes * MINUTE)
    assert life.done == [due]


def test_another_zone_means_other_times_from_now_on() -> None:
    life = Life("0 9 * * *")
    life.look(datetime(2026, 11, 24, 6, tzinfo=UTC))
    life.zone, life.plan = "Asia/Omsk", plan("0 9 * * *", "Asia/Omsk")
    life.look(datetime(2026, 11, 24, 6, 1, tzinfo=UTC))
    assert life.entry is not None
    assert life.entry.next_at == datetime(2026, 11, 25, 3, tzinfo=UTC)


def test_a_clock_that_was_a_year_ahead_does_not_stop_it_for_a_year() -> None:
    life = Life("0 9 * * *")
    life.look(NOON + 365 * DAY)
    assert life.look(NOON + HOUR) is False
    done = list(life.done)
    for hours in range(2, 3 * 24):
        life.look(NOON + hours * HOUR)
    assert life.done[len(done) :] == [
        datetime(2026, 11, day, 6, tzinfo=UTC) for day in (24, 25, 26)
    ]


def test_a_machine_that_starts_in_1970_repeats_nothing_when_it_knows_the_time() -> None:
    life = Life("0 9 * * *")
    due = datetime(2026, 11, 24, 6, tzinfo=UTC)
    life.look(due)
    life.look(datetime(1970, 1, 1, tzinfo=UTC))
    assert life.look(due + HOUR) is False
    assert life.look(due + DAY) is True
    assert life.done == [due, due + DAY]


def test_a_period_goes_on_after_every_jump() -> None:
    life = Life("10m")
    life.look(NOON + DAY)
    life.look(NOON + HOUR)  # back again
    assert life.look(NOON + HOUR + 10 * MINUTE) is True


def test_two_who_want_it_now_want_it_once_and_the_plan_stays() -> None:
    entry = planned.settled(None, plan("0 9 * * *"), "Europe/Moscow", NOON)
    wanted = planned.asked(planned.asked(entry, "Ann", NOON), "Bob", NOON + MINUTE)
    it = planned.turn(wanted, NOON + MINUTE)
    assert it is not None
    assert it.asked_by == "Ann"
    after = planned.ended(wanted, it, DONE, plan("0 9 * * *").when, NOON + MINUTE)
    assert planned.turn(after, NOON + 2 * MINUTE) is None
    assert (after.due, after.next_at) == (entry.due, entry.next_at)
    assert planned.is_still(after, it) is False


def test_switched_off_it_can_still_be_wanted_now() -> None:
    off = replace(plan("0 9 * * *"), when=None)
    entry = planned.asked(planned.settled(None, off, "UTC", NOON), "Ann", NOON)
    it = planned.turn(entry, NOON)
    assert it is not None
    after = planned.ended(entry, it, DONE, None, NOON)
    assert planned.turn(planned.settled(after, off, "UTC", NOON), NOON + DAY) is None


@pytest.mark.parametrize("text", ["at nine", "0 9 * *", "61 * * * *", "0 0 30 2 *", "", "0m"])
def test_a_wrong_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="SCHEDULE__BRIEF: "):
        when("SCHEDULE__BRIEF", text, ZoneInfo("UTC"))
