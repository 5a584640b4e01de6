"""Causes: what another alert explains does not ring beside it."""

from datetime import time

from bot.core.model import Severity, fires
from bot.settings_types import Window
from tests import fakes
from tests.core.trace import AWFUL, BAD, CASH, INGEST, SICK, WELL, Day


async def test_cash_does_not_ring_while_ingest_is_red(day: Day) -> None:
    await day.sees(BAD, check=INGEST)
    day.rings()
    await day.sees(AWFUL, check=CASH)
    await day.passes(20)
    assert day.rings() == ["15 team reminder"]  # of ingest
    assert (await day.alert(2)).cause_id == 1
    assert (await day.posts(2))[0].silent


async def test_when_ingest_heals_cash_rings_if_it_still_fires(day: Day) -> None:
    await day.sees(BAD, check=INGEST)
    await day.sees(SICK, check=CASH)
    await day.passes(5)
    day.rings()
    await day.sees(WELL, check=INGEST)
    await day.passes(61)
    assert day.rings() == ["6 team released", "66 team reminder"]


async def test_when_ingest_heals_and_cash_too_nobody_hears_of_cash(day: Day) -> None:
    await day.sees(BAD, check=INGEST)
    await day.sees(SICK, check=CASH)
    day.rings()
    await day.sees(WELL, check=CASH)
    await day.sees(WELL, check=INGEST)
    await day.passes(61)
    assert day.rings() == []


async def test_cash_that_fired_before_ingest_turned_red_is_quiet_from_then_on(day: Day) -> None:
    await day.sees(SICK, check=CASH)
    await day.passes(30)
    await day.sees(BAD, check=INGEST)
    await day.tick()
    day.rings()
    await day.passes(60)
    assert [line for line in day.rings() if line.endswith("team reminder")] == [
        "45 team reminder"
    ]  # of ingest
    assert (await day.alert(1)).cause_id == 2


async def test_a_rising_severity_does_not_ring_while_the_data_is_incomplete(day: Day) -> None:
    await day.sees(SICK, check=CASH)
    await day.sees(BAD, check=INGEST)
    day.rings()
    await day.sees(BAD, check=CASH)
    assert day.rings() == []


async def test_a_warning_of_ingest_explains_nothing(day: Day) -> None:
    await day.sees(SICK, check=INGEST)
    await day.sees(SICK, check=CASH)
    assert day.rings() == ["0 team card", "0 team card"]


async def test_a_cause_that_is_no_error_any_more_explains_nothing(day: Day) -> None:
    """It may stay a warning for a day: of a scheduler's rate, while no sales come in."""
    await day.sees(BAD, check=INGEST)
    await day.sees(SICK, check=CASH)
    await day.passes(5)
    day.rings()
    await day.sees(SICK, check=INGEST)
    await day.tick()
    assert day.rings() == ["5 team released"]
    assert (await day.alert(2)).cause_id is None

    await day.sees(BAD, check=INGEST)
    await day.tick()
    assert (await day.alert(2)).cause_id == 1


async def test_what_is_doubtful_repairs_nothing_by_itself(day: Day) -> None:
    """Telling the admins is a repair of cash: they must not be called for doubtful numbers."""
    day.policy(automatic=True, maintenance=Window(time(0), time(23, 59)))
    day.but(CASH, automatic="remediate_vacuum_db")
    await day.sees(BAD, check=INGEST)
    await day.sees(AWFUL, check=CASH)
    assert await day.runs() == []

    await day.sees(WELL, check=INGEST)
    await day.tick()
    await day.sees(AWFUL, check=CASH)
    assert [run.alert_id for run in await day.runs()] == [2]


async def test_a_dead_scheduler_and_the_data_it_did_not_collect_are_one_incident(
    day: Day,
) -> None:
    """A chain: the scheduler explains ingest, ingest explains cash."""
    day.but(INGEST, depends_on=["check_growth"])
    await day.sees(BAD, check="check_growth")
    await day.sees(BAD, check=INGEST)
    await day.sees(AWFUL, check=CASH)
    assert day.rings() == ["0 team card"]

    await day.passes(1)
    await day.sees(WELL, check="check_growth")
    await day.tick()
    assert day.rings() == ["1 team released"]  # ingest; cash is explained by it
    await day.sees(WELL, check=INGEST)
    await day.tick()
    assert day.rings() == ["1 team released", "1 admins released"]


async def test_whoever_took_an_explained_alert_is_reminded_as_its_owner(day: Day) -> None:
    await day.sees(SICK, check=CASH)
    await day.takes(1)
    await day.sees(BAD, check=INGEST)
    await day.tick()
    await day.sees(WELL, check=INGEST)
    await day.tick()
    day.rings()
    await day.passes(240)
    assert day.rings() == ["240 team reminder"]


async def test_what_is_below_the_minimum_severity_is_told_when_it_gets_worse(day: Day) -> None:
    await day.sees(fires("t", Severity.INFO, **fakes.FULL))
    await day.passes(10)
    assert day.rings() == []
    await day.sees(SICK)
    await day.passes(60)
    assert day.rings() == ["10 team card", "70 team reminder"]
