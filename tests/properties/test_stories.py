"""Stories in which something went wrong once."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.model import Severity, fires, ok
from tests.properties import rules
from tests.properties.life import CASH, INGEST, Life

SICK = fires("t", Severity.WARNING, n=1)
BAD = fires("t", Severity.ERROR, n=1)
WELL = ok("t", n=0)


@pytest.fixture
def life(blank: Path, tmp_path: Path) -> Iterator[Life]:
    shutil.copy(blank, tmp_path / "state.db")
    made = Life(tmp_path / "state.db")
    yield made
    made.tables.close()


async def _ends(life: Life) -> None:
    for _ in range(3):
        await life.deliver()
        await life.passes(1)
    await life.deliver()
    rules.in_the_end(life)


def test_a_clock_set_back_before_the_first_look_ever_delays_no_reminder(life: Life) -> None:
    async def story() -> None:
        await life.round(INGEST, [BAD])
        life.clock.forward(hours=-24)
        await life.tick()
        rules.after_each_tick(life)

    asyncio.run(story())


def test_a_card_that_came_when_all_was_over_rings_when_it_is_back(life: Life) -> None:
    async def story() -> None:
        await life.round(INGEST, [SICK])
        await life.round(INGEST, [WELL])
        await life.deliver()
        await life.round(INGEST, [SICK])
        await _ends(life)

    asyncio.run(story())


def test_a_card_that_waits_does_not_ring_in_a_silence_and_rings_after_it(life: Life) -> None:
    async def story() -> None:
        await life.round(INGEST, [BAD])
        await life.silence(None, Severity.CRITICAL, 15)
        await life.deliver()  # the model refuses a card that rings here
        assert [message.loud for message in life.chat.values()] == [False]
        await life.passes(20)
        await _ends(life)

    asyncio.run(story())


def test_a_critical_alert_whose_cause_is_over_is_escalated_at_once(life: Life) -> None:
    async def story() -> None:
        await life.round(INGEST, [BAD])
        await life.round(CASH, [fires("t", Severity.CRITICAL, n=1)])
        await life.round(INGEST, [WELL])
        await life.tick()
        rules.after_each_tick(life)
        await _ends(life)

    asyncio.run(story())
