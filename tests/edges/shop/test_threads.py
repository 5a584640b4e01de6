"""Blocking work in threads: nobody waits for ever, and nothing runs on unseen."""

import asyncio
import threading

import pytest

from bot.edges.shop.threads import Stop, Threads
from tests.edges.shop.helpers import until


@pytest.fixture
def threads() -> Threads:
    return Threads("test", workers=1)


async def test_the_answer_and_the_exception_come_through(threads: Threads) -> None:
    assert await threads.run(lambda _: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda _: 1 / 0)
    await threads.close()


async def test_work_is_asked_to_stop_at_its_limit(threads: Threads) -> None:
    assert await threads.run(lambda stop: stop.wait(30), limit=0.05)
    await threads.close()


async def test_a_cancelled_call_returns_only_after_its_thread(threads: Threads) -> None:
    began, ended = threading.Event(), threading.Event()

    def work(stop: Stop) -> None:
        began.set()
        stop.wait(30)
        ended.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(threads.run(work))
        await until(began.is_set)
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()
    assert ended.is_set()
    await threads.close()


async def test_being_cancelled_again_and_again_changes_nothing(threads: Threads) -> None:
    began, let_go = threading.Event(), threading.Event()

    def stubborn(_: Stop) -> None:
        began.set()
        let_go.wait(30)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(threads.run(stubborn))
        await until(began.is_set)
        for _ in range(5):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        let_go.set()
        await asyncio.wait([task])
    assert task.cancelled()
    await threads.close()


async def test_work_cancelled_in_the_queue_is_asked_to_stop_before_it_begins(
    threads: Threads,
) -> None:
    began, let_go = threading.Event(), threading.Event()
    seen: list[bool] = []

    def first(_: Stop) -> None:
        began.set()
        let_go.wait(30)

    async with asyncio.TaskGroup() as group:
        group.create_task(threads.run(first))
        await until(began.is_set)
        second = group.create_task(threads.run(lambda stop: seen.append(stop.asked)))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        let_go.set()
    assert seen == [True]
    await threads.close()


async def test_closing_ends_what_runs(threads: Threads) -> None:
    began = threading.Event()

    def work(stop: Stop) -> bool:
        began.set()
        return stop.wait(30)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(threads.run(work))
        await until(began.is_set)
        await threads.close()
    assert task.result() is True
    with pytest.raises(RuntimeError):
        await threads.run(lambda _: None)


class Interrupted:
    """A connection that notes how often it was interrupted."""

    def __init__(self) -> None:
        self.times = 0

    def interrupt(self) -> None:
        self.times += 1


def test_only_an_open_connection_is_interrupted() -> None:
    stop, connection = Stop(), Interrupted()
    stop.now()
    with stop.interrupts(connection):
        stop.now()
    stop.now()
    assert connection.times == 1
