"""Hours of the settings in which nothing rings, maintenance, and who is called otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import desk_silences, people, quiet
from bot.core.desk_silences import Scope
from bot.core.model import Person, Role, Severity, State
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import RunState, Silence
from bot.core.rota import parse_hours, parse_rota
from tests import fakes
from tests.core.trace import AWFUL, BAD, GROWTH, SICK, Day

ANN = Person(id=7, name="Ann", role=Role.ADMIN)
SOON = [parse_hours("Mon 15:10-15:40")]  # the clock of these tests begins at 15:00 in Moscow
NOW = [parse_hours("14:00-15:30")]


async def work(day: Day, minutes: int) -> Silence:
    """Ann begins a maintenance."""
    everything = Scope(severity=Severity.CRITICAL, maintenance=True)
    now = day.clock()

    def begin(tx: Tx) -> Silence:
        hand = Hand(tx, day.book, ANN, now)
        made = desk_silences.begin(hand, everything, now + timedelta(minutes=minutes), "move")
        assert isinstance(made, Silence)
        return made

    return await day.write(begin)


@pytest.mark.parametrize("reading", [SICK, AWFUL])
async def test_in_quiet_hours_nothing_rings_and_their_end_tells(day: Day, reading: object) -> None:
    day.policy(quiet_hours=NOW)
    await day.tick()
    await day.sees(reading)  # type: ignore[arg-type]  # a reading
    assert await day.posts() == []
    await day.passes(29)
    assert day.rings() == []
    await day.passes(1)
    assert day.rings()[0] == "30 team card"


async def test_quiet_hours_hold_reminders_back_until_they_are_over(day: Day) -> None:
    day.policy(quiet_hours=SOON)
    await day.sees(BAD)
    day.rings()
    await day.passes(54)
    assert day.rings() == []  # due at 15:15, in the quiet hours
    await day.passes(1)
    assert day.rings() == ["55 team reminder"]


async def test_quiet_hours_of_another_day_are_none(day: Day) -> None:
    day.policy(quiet_hours=[parse_hours("Sun 14:00-16:00")])
    await day.sees(SICK)
    assert day.rings() == ["0 team card"]


async def test_maintenance_holds_everything_back_and_its_end_tells(day: Day) -> None:
    await day.tick()
    await work(day, 60)
    await day.sees(AWFUL)
    await day.passes(59)
    assert day.rings() == []
    await day.passes(1)
    assert sorted(day.rings())[:2] == ["60 admins card", "60 team card"]


@pytest.mark.parametrize(("at_work", "runs"), [(True, 0), (False, 1)])
async def test_nothing_repairs_itself_while_somebody_is_at_work(
    day: Day, *, at_work: bool, runs: int
) -> None:
    day.but(GROWTH, automatic=fakes.runbook().automatic)
    action = day.book.runbooks[GROWTH].automatic
    assert action is not None
    gentle = replace(day.book.remediations[action], disruptive=False)
    day.book = replace(day.book, remediations={**day.book.remediations, action: gentle})
    day.policy(automatic=True, quiet_hours=NOW)  # hours of the settings hold no repair back
    if at_work:
        await work(day, 60)
    await day.sees(SICK)
    found = await day.store.read(lambda tx: tx.runs.in_state(RunState.REQUESTED))
    assert len(found) == runs


async def test_a_maintenance_ended_early_rings_at_once(day: Day) -> None:
    await day.tick()
    made = await work(day, 60)
    await day.sees(BAD)
    await day.passes(10)
    now = day.clock()
    await day.write(lambda tx: desk_silences.end(Hand(tx, day.book, ANN, now), made.id))
    await day.passes(1)
    assert day.rings() == ["11 team card"]
    assert (await day.events())[-1] == "unsilenced"


async def test_of_two_silences_the_end_of_one_lets_nothing_ring(day: Day) -> None:
    await day.tick()
    made = await work(day, 60)
    await day.silence(30)
    await day.sees(SICK)
    now = day.clock()
    await day.write(lambda tx: desk_silences.end(Hand(tx, day.book, ANN, now), made.id))
    await day.passes(29)
    assert day.rings() == []
    await day.passes(1)
    assert day.rings() == ["30 team card"]


async def test_hours_of_the_settings_are_no_row_that_could_be_ended(day: Day) -> None:
    day.policy(quiet_hours=NOW)
    now = day.clock()
    (one,) = await day.store.read(lambda tx: quiet.active(tx, day.book.policy, now))
    assert (one.id, one.maintenance, one.by_name) == (quiet.PLANNED, True, "")
    assert quiet.maintenance([one]) is None


@pytest.mark.parametrize(
    ("severity", "state", "called"),
    [
        (Severity.WARNING, State.FIRING, None),
        (Severity.ERROR, State.FIRING, ("Ann", "8")),
        (Severity.CRITICAL, State.FIRING, ("Ann", "8")),
        (Severity.CRITICAL, State.ACKNOWLEDGED, None),
        (Severity.CRITICAL, State.RESOLVED, None),
    ],
)
async def test_who_is_on_duty_is_called_from_error_up_while_nobody_has_it(
    day: Day, severity: Severity, state: State, called: tuple[str, ...] | None
) -> None:
    day.policy(rota=parse_rota("7 15:00-18:00; 8 15:00-16:00"))
    await day.sees(SICK)
    alert = replace(await day.alert(), severity=severity, state=state)
    now = day.clock()
    await day.write(lambda tx: people.seen(tx, ANN, now))
    found = await day.store.read(lambda tx: people.to_mention(tx, day.book.policy, alert, now))
    assert (found and tuple(one.name for one in found.people)) == called
    if found:
        assert found.until == now + timedelta(hours=1)


async def test_without_a_rota_nobody_is_called(day: Day) -> None:
    await day.sees(AWFUL)
    alert, now = await day.alert(), day.clock()
    assert (
        await day.store.read(lambda tx: people.to_mention(tx, day.book.policy, alert, now)) is None
    )
