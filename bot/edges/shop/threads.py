"""Blocking database work in threads of its own, which end when nobody waits for them.

The loop's default executor also resolves host names: a few slow statements there would cut
the bot off from Telegram.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Interruptible(Protocol):
    def interrupt(self) -> None: ...


class InterruptedWorkError(Exception):
    """The work in a thread ended early, because it was asked to."""


class Stop:
    """Asks the work in a thread to end; may be asked from any thread, at any time.

    `also`: somebody else whose wish counts.
    """

    def __init__(self, also: Callable[[], bool] = lambda: False) -> None:
        self._also = also
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._connection: Interruptible | None = None

    @property
    def asked(self) -> bool:
        return self._asked.is_set() or self._also()

    def look(self) -> None:
        if self.asked:
            raise InterruptedWorkError

    def now(self) -> None:
        self._asked.set()
        with self._lock:
            if self._connection is not None:
                self._connection.interrupt()

    def wait(self, seconds: float) -> bool:
        """Sleep in the thread; true, and at once, when asked to stop."""
        return self._asked.wait(seconds) or self._also()

    @contextmanager
    def interrupts(self, connection: Interruptible) -> Iterator[None]:
        """Interrupt this connection when asked; it must stay open within the block."""
        with self._lock:
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None


class Threads:
    """A few threads; every call to `run` waits until its work has truly ended."""

    def __init__(self, name: str, *, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._jobs: dict[asyncio.Future[Any], Stop] = {}

    async def run(
        self,
        work: Callable[[Stop], T],
        *,
        limit: float | None = None,
        also: Callable[[], bool] = lambda: False,
    ) -> T:
        """Do the work in a thread; ask it to stop after `limit` seconds or on cancellation.

        A cancelled call still waits for the thread, so the caller knows that nothing runs on.
        """
        loop = asyncio.get_running_loop()
        stop = Stop(also)
        job = loop.run_in_executor(self._pool, work, stop)
        self._jobs[job] = stop
        timer = loop.call_later(limit, stop.now) if limit is not None else None
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            stop.now()
            await _ended(job)
            raise
        finally:
            del self._jobs[job]
            if timer is not None:
                timer.cancel()

    async def close(self) -> None:
        """End what runs and take no more."""
        for stop in self._jobs.values():
            stop.now()
        self._pool.shutdown(wait=False)
        for job in list(self._jobs):
            await _ended(job)


async def _ended(job: asyncio.Future[T]) -> None:
    """Wait for the thread, however often we are cancelled meanwhile."""
    while not job.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([job])
    if not job.cancelled():
        job.exception()  # looked at, so that asyncio does not report it as forgotten
