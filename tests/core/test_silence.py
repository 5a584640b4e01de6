"""Silences: what they hold back, what they never hide, and what their end tells."""

from dataclasses import replace

import pytest

from bot.core.model import Severity
from bot.core.records import PostKind
from tests.core.trace import AWFUL, BAD, CASH, GROWTH, SICK, WELL, Day


async def test_a_silenced_alert_gets_no_card_and_the_silence_counts_it(day: Day) -> None:
    quiet = await day.silence(30)
    await day.sees(SICK)
    assert day.rings() == []
    assert await day.posts() == []
    kept = await day.store.read(lambda tx: tx.silences.get(quiet.id))
    assert kept is not None
    assert kept.swallowed == 1


async def test_its_end_tells_what_it_swallowed_and_still_fires(day: Day) -> None:
    await day.silence(30)
    await day.sees(SICK)
    await day.passes(31)
    assert day.rings() == ["30 team card"]


async def test_its_end_tells_nothing_of_what_is_over(day: Day) -> None:
    await day.silence(30)
    await day.sees(SICK)
    await day.sees(WELL)
    await day.passes(31)
    assert day.rings() == []


async def test_ended_by_hand_it_tells_within_a_tick(day: Day) -> None:
    quiet = await day.silence(240)
    await day.tick()
    await day.sees(SICK)
    await day.passes(10)
    now = day.clock()
    await day.write(lambda tx: tx.silences.end(quiet.id, "Ann", now))
    await day.passes(1)
    assert day.rings() == ["11 team card"]


async def test_a_silence_never_hides_a_rising_severity(day: Day) -> None:
    await day.sees(SICK)
    await day.silence(240)
    day.rings()
    await day.passes(10)
    await day.sees(BAD)
    assert day.rings() == ["10 team rises"]


async def test_a_swallowed_alert_that_gets_worse_comes_as_one_card_and_no_notice(
    day: Day,
) -> None:
    await day.silence(240)
    await day.sees(SICK)
    await day.sees(BAD)
    assert day.rings() == ["0 team card"]


async def test_reminders_wait_for_the_end_of_a_silence(day: Day) -> None:
    await day.sees(BAD)
    await day.silence(120, severity=Severity.CRITICAL)
    day.rings()
    await day.passes(134)
    assert day.rings() == []
    await day.passes(1)
    assert day.rings() == ["135 team reminder"]


async def test_a_silence_ended_early_lets_the_clocks_go_on_from_then(day: Day) -> None:
    await day.sees(BAD)
    quiet = await day.silence(240, severity=Severity.CRITICAL)
    await day.passes(20)
    now = day.clock()
    await day.write(lambda tx: tx.silences.end(quiet.id, "Ann", now))
    day.rings()
    await day.passes(16)
    assert day.rings() == ["36 team reminder"]


async def test_escalated_once_it_is_not_escalated_again_after_a_silence(day: Day) -> None:
    await day.sees(BAD)
    await day.passes(61)
    await day.silence(60, severity=Severity.CRITICAL)
    await day.passes(200)
    assert (await day.events()).count("escalated") == 1


async def test_another_check_is_not_silenced(day: Day) -> None:
    await day.silence(240, check=CASH)
    await day.sees(SICK)
    assert day.rings() == ["0 team card"]


async def test_whoever_took_it_is_not_reminded_in_a_silence(day: Day) -> None:
    await day.sees(SICK)
    await day.takes()
    await day.passes(200)
    await day.silence(120)
    day.rings()
    await day.passes(100)
    assert day.rings() == []


async def test_a_critical_one_is_not_covered_by_a_silence_for_warnings(day: Day) -> None:
    await day.silence(240)
    await day.sees(AWFUL)
    assert day.rings() == ["0 team card", "0 admins card"]


@pytest.mark.parametrize("hours", [-24, -1])
async def test_a_clock_set_back_forgets_no_silence_that_was_ended_by_hand(
    day: Day, hours: int
) -> None:
    await day.tick()
    quiet = await day.silence(240)
    await day.sees(SICK)
    await day.passes(5)
    now = day.clock()
    await day.write(lambda tx: tx.silences.end(quiet.id, "Ann", now))
    day.clock.forward(hours=hours)
    await day.passes(2)
    assert [line.split(" ", 1)[1] for line in day.rings()] == ["team card"]


async def test_a_card_that_came_in_a_silence_rings_when_it_is_over(day: Day) -> None:
    """It was asked for before, and Telegram took it only then."""
    await day.sees(SICK)
    await day.silence(30)
    [card] = await day.posts()
    await day.shown_silently(card)
    day.rings()
    await day.passes(31)
    assert day.rings() == ["30 team unsilenced"]
    await day.silence(10)
    await day.passes(12)
    assert day.rings() == []


async def test_a_card_that_rang_before_the_silence_does_not_ring_at_its_end(day: Day) -> None:
    await day.sees(SICK)
    await day.silence(30)
    day.rings()
    await day.passes(31)
    assert day.rings() == []
    assert [post.kind for post in await day.posts()] == [PostKind.CARD]
    assert (await day.alert()).check == GROWTH


async def test_what_got_worse_in_a_silence_rings_at_its_end(day: Day) -> None:
    await day.sees(SICK)
    await day.silence(30, severity=Severity.CRITICAL)
    day.rings()
    await day.passes(5)
    [card] = await day.posts()
    await day.shown_silently(card)
    await day.write(lambda tx: tx.posts.save(replace(card, message_id=1, silent=False)))
    await day.sees(BAD)
    await day.passes(26)
    assert day.rings() == ["30 team unsilenced"]
