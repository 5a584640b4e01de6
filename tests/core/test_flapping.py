"""What comes and goes in a row is one card that says so, and rings once."""

from datetime import timedelta

from bot.core.model import State
from bot.core.records import PostKind
from tests.core.trace import GROWTH, SICK, WELL, Day


async def flaps(day: Day, times: int) -> None:
    for _ in range(times):
        await day.sees(SICK)
        await day.passes(1)
        await day.sees(WELL)
        await day.passes(1)


async def test_it_rings_once_and_has_one_card(day: Day) -> None:
    await flaps(day, 10)
    assert day.rings() == ["0 team card"]
    assert [post.kind for post in await day.posts()] == [PostKind.CARD]
    alert = await day.alert()
    assert alert.flapping_since is not None
    assert (await day.events()).count("flapping") == 1


async def test_two_times_in_half_an_hour_is_not_flapping(day: Day) -> None:
    await flaps(day, 2)
    alert = await day.alert()
    assert (alert.flapping_since, alert.state, alert.times) == (None, State.RESOLVED, 2)


async def test_it_is_over_only_after_ten_calm_minutes(day: Day) -> None:
    await flaps(day, 5)
    assert (await day.alert()).state is State.FIRING
    for _ in range(8):
        await day.sees(WELL)
        await day.passes(1)
    assert (await day.alert()).state is State.FIRING
    for _ in range(3):
        await day.sees(WELL)
        await day.passes(1)
    assert (await day.alert()).state is State.RESOLVED


async def test_somebody_is_reminded_of_what_flaps_for_an_hour(day: Day) -> None:
    await flaps(day, 40)
    assert [line.split(" ", 1)[1] for line in day.rings()] == ["team card", "team reminder"]


async def test_the_same_trouble_soon_after_uses_its_card_and_counts(day: Day) -> None:
    await flaps(day, 1)
    await day.sees(SICK)
    alert = await day.alert()
    assert (alert.times, alert.state) == (2, State.FIRING)
    assert day.rings() == ["0 team card"]


async def test_much_later_it_is_a_new_alert_that_rings(day: Day) -> None:
    await flaps(day, 1)
    await day.passes(10)
    await day.sees(SICK)
    assert day.rings() == ["0 team card", "12 team card"]


async def test_a_spike_shorter_than_its_hold_is_no_alert(day: Day) -> None:
    day.but(GROWTH, hold=timedelta(minutes=5))
    for _ in range(10):
        await day.sees(SICK)
        await day.passes(3)
        await day.sees(WELL)
        await day.passes(1)
    assert day.rings() == []
