"""The response matrix: who is reminded when, and when it goes to the admins."""

from datetime import timedelta

import pytest

from bot.core import matrix
from bot.core.model import Reading, Severity, State, fires
from tests import fakes
from tests.core.trace import AWFUL, BAD, GROWTH, SICK, WELL, Day


async def test_a_warning_reminds_after_an_hour_and_goes_to_the_admins_after_four(
    day: Day,
) -> None:
    await day.sees(SICK)
    await day.passes(600)
    assert day.rings() == [
        "0 team card",
        "60 team reminder",
        "240 admins card",
        "240 team escalated",
    ]


async def test_an_error_reminds_after_a_quarter_and_goes_to_the_admins_after_an_hour(
    day: Day,
) -> None:
    await day.sees(BAD)
    await day.passes(600)
    assert day.rings() == [
        "0 team card",
        "15 team reminder",
        "60 admins card",
        "60 team escalated",
    ]


async def test_a_critical_one_goes_to_the_admins_at_once_and_rings_until_it_is_taken(
    day: Day,
) -> None:
    await day.sees(AWFUL)
    await day.passes(11)
    assert day.rings() == [
        "0 team card",
        "0 admins card",
        "5 team reminder",
        "5 admins reminder",
        "10 team reminder",
        "10 admins reminder",
    ]
    await day.takes()
    await day.passes(60)
    assert day.rings() == []


async def test_what_is_info_never_rings(day: Day) -> None:
    day.policy(min_severity=Severity.INFO)
    await day.sees(fires("t", Severity.INFO, **fakes.FULL))
    await day.passes(600)
    assert [line for line in day.rings() if "card" not in line] == []


async def test_whoever_took_it_is_reminded_every_four_hours(day: Day) -> None:
    await day.sees(BAD)
    await day.passes(10)
    await day.takes()
    day.rings()
    await day.passes(490)
    assert day.rings() == ["250 team reminder", "490 team reminder"]


async def test_over_means_no_more_reminders(day: Day) -> None:
    await day.sees(AWFUL)
    await day.passes(1)
    await day.sees(WELL)
    day.rings()
    await day.passes(60)
    assert day.rings() == []


async def test_whoever_took_it_hears_silently_that_it_is_over(day: Day) -> None:
    await day.sees(SICK)
    await day.takes()
    await day.sees(WELL)
    assert [post.template for post in await day.posts() if post.silent] == [
        "notices/resolved.html.j2"
    ]
    assert (await day.alert()).acknowledged_by == "Ann"


async def test_nobody_took_it_so_nobody_is_told_that_it_is_over(day: Day) -> None:
    await day.sees(SICK)
    await day.sees(WELL)
    assert [post.template for post in await day.posts()] == [None]


async def test_a_rising_severity_rings_and_starts_the_clocks_anew(day: Day) -> None:
    await day.sees(SICK)
    await day.passes(50)
    await day.sees(BAD)
    await day.passes(70)
    assert day.rings() == [
        "0 team card",
        "50 team rises",
        "65 team reminder",
        "110 admins card",
        "110 team escalated",
    ]


async def test_a_chat_that_gets_its_card_by_the_rise_hears_of_it_once(day: Day) -> None:
    await day.sees(SICK)
    day.rings()
    await day.sees(AWFUL)
    assert day.rings() == ["0 admins card", "0 team rises"]


async def test_a_falling_severity_rings_nobody(day: Day) -> None:
    await day.sees(BAD)
    day.rings()
    await day.sees(SICK)
    assert day.rings() == []


@pytest.mark.parametrize("hours", [1, 24])
async def test_a_clock_set_back_delays_no_reminder(day: Day, hours: int) -> None:
    await day.sees(BAD)
    await day.passes(10)
    day.clock.forward(hours=-hours)
    await day.passes(16)
    assert day.rings() == ["0 team card", f"{10 - 60 * hours + 16} team reminder"]


@pytest.mark.parametrize("hours", [1, 24])
async def test_a_clock_set_back_reminds_whoever_took_it_after_four_hours(
    day: Day, hours: int
) -> None:
    await day.sees(BAD)
    await day.passes(1)
    await day.takes()
    day.clock.forward(hours=-hours)
    day.rings()
    await day.passes(242)
    assert len(day.rings()) == 1


@pytest.mark.parametrize("hours", [1, 24])
async def test_a_clock_set_forward_reminds_early_and_once(day: Day, hours: int) -> None:
    await day.sees(BAD)
    await day.tick()
    day.rings()
    day.clock.forward(hours=hours)
    await day.passes(3)
    assert sorted(line.split(" ", 1)[1] for line in day.rings()) == [
        "admins card",
        "team escalated",
        "team reminder",
    ]


async def test_a_clock_set_back_still_ends_an_alert_that_is_well(day: Day) -> None:
    day.but(GROWTH, keep=timedelta(minutes=5))
    await day.sees(SICK)
    await day.sees(WELL)
    day.clock.forward(hours=-1)
    for _ in range(7):
        await day.sees(WELL)
        await day.passes(1)
    assert (await day.alert()).state is State.RESOLVED


async def test_a_clock_set_back_still_opens_what_fires(day: Day) -> None:
    day.but(GROWTH, hold=timedelta(minutes=5))
    await day.sees(SICK)
    day.clock.forward(days=-1)
    for _ in range(7):
        await day.sees(SICK)
        await day.passes(1)
    assert (await day.alert()).state is State.FIRING


async def test_capped_clocks_are_never_later_than_they_were(day: Day) -> None:
    await day.sees(BAD)
    alert = await day.alert()
    assert matrix.capped(alert, alert.opened_at) == alert
    later = matrix.capped(alert, alert.opened_at + timedelta(minutes=5))
    assert later.remind_at == alert.remind_at


def _step(stage: int, severity: Severity = Severity.WARNING) -> Reading:
    return fires("t", severity, **fakes.FULL, stage=stage)


async def test_a_step_towards_what_comes_rings_again_although_it_is_taken(day: Day) -> None:
    await day.sees(_step(1))
    await day.takes()
    await day.passes(10)
    await day.sees(_step(1))
    await day.passes(10)
    await day.sees(_step(2))
    assert day.rings() == ["0 team card", "20 team rises"]


async def test_a_step_back_rings_nobody(day: Day) -> None:
    await day.sees(_step(2))
    await day.passes(10)
    await day.sees(_step(1))
    await day.sees(_step(0, Severity.INFO))
    assert day.rings() == ["0 team card"]
