"""The wait of a loop until something is due, or something has changed."""

import asyncio
from datetime import timedelta

import pytest

from bot.edges.lookout import Lookout
from tests.conftest import NOON, Clock


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def lookout(clock: Clock, pauses: list[float]) -> Lookout:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return Lookout(clock=clock, sleep=sleep, longest=0.05)


async def waits(lookout: Lookout, after: timedelta | None) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await lookout.until(None if after is None else NOON + after)
    return loop.time() - began


async def test_it_looks_when_something_is_due(lookout: Lookout) -> None:
    lookout.longest = 60
    assert 0.02 <= await waits(lookout, timedelta(seconds=0.01)) < 5


async def test_it_looks_at_once_when_something_was_due_already(lookout: Lookout) -> None:
    lookout.longest = 60
    assert await waits(lookout, timedelta(hours=-1)) < 5


@pytest.mark.parametrize("after", [None, timedelta(hours=1)])
async def test_it_looks_all_the_same_after_a_while(
    lookout: Lookout, after: timedelta | None
) -> None:
    assert 0.04 <= await waits(lookout, after) < 5


async def test_a_change_ends_the_wait_also_one_that_came_during_the_pause(
    lookout: Lookout, pauses: list[float]
) -> None:
    lookout.longest = 60
    lookout.wake()
    assert await waits(lookout, timedelta(hours=1)) < 5
    asyncio.get_running_loop().call_later(0.01, lookout.wake)
    assert await waits(lookout, timedelta(hours=1)) < 5
    assert pauses == [1.0, 1.0], "however much changes, it looks once in a while only"


async def test_one_change_ends_one_wait(lookout: Lookout) -> None:
    lookout.wake()
    assert await waits(lookout, None) < 0.04
    assert await waits(lookout, None) >= 0.04
