"""Background work is never lost without a word."""

import asyncio
import logging

import pytest

from bot.edges import tasks
from bot.edges.tasks import Tasks


async def test_a_loop_that_breaks_is_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks, "PAUSE", 0)
    runs: list[int] = []
    twice = asyncio.Event()

    async def loop() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("oops")
        twice.set()
        await asyncio.Event().wait()

    keeper = Tasks()
    keeper.keep(loop, name="loop")
    await asyncio.wait_for(twice.wait(), 2)
    await keeper.close()
    assert "loop broke" in caplog.text


async def test_work_under_way_is_finished_before_the_end() -> None:
    done: list[int] = []
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        await asyncio.sleep(0)
        done.append(1)

    keeper = Tasks()
    keeper.start(work(), name="work")
    await started.wait()
    await keeper.close(grace=2)
    assert done == [1]


async def test_work_that_never_ends_is_cancelled_at_the_end() -> None:
    keeper = Tasks()
    forever = asyncio.Event()

    async def work() -> None:
        await forever.wait()

    keeper.start(work(), name="work")
    await keeper.close(grace=0.01)


async def test_failed_work_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("oops")

    keeper = Tasks()
    with caplog.at_level(logging.ERROR):
        keeper.start(work(), name="work")
        await keeper.close()
    assert "work failed" in caplog.text
