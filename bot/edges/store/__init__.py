"""The assistant's own database: one SQLite file, one writer, one thread.

Use cases run whole on the store's thread (see `bot.core.ports`): a tap costs one hop between
threads instead of one for each statement, and no transaction is ever open across an `await`.
Writes that wait together are committed together: a hundred taps cost one hop and one commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from bot.edges.store.thread import Job, Kind, StateThread
from bot.edges.store.tx import SqlTx

T = TypeVar("T")

MOST = 100  # writes in one transaction


class SqlStore:
    """Opened by `SqlStore.open`, which migrates; closed by `close`.

    `changed` is called, on the event loop, after transactions that gave somebody work to do;
    `written` after those that changed any row, for whoever waits for a time that stands in one.
    """

    def __init__(self, thread: StateThread, executor: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Job] = deque()  # this loop appends, the store's thread takes
        self._called = False
        self.changed: Callable[[], None] = _nobody
        self.written: Callable[[], None] = _nobody

    @classmethod
    async def open(cls, path: Path | None) -> "SqlStore":
        """Open the file, made and brought up to date where needed; None: in memory."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        loop = asyncio.get_running_loop()
        thread = await loop.run_in_executor(executor, StateThread.open, path)
        return cls(thread, executor)

    async def write(self, work: Callable[[SqlTx], T], *, durable: bool = False) -> T:
        """Run `work` in one transaction, in the order of the calls.

        Committed means: a killed process cannot lose it. `durable`: a power cut neither, at the
        price of waiting for the disk, which may be busy with a VACUUM.
        """
        result: T = await self._run("durable" if durable else "write", work)
        return result

    async def read(self, work: Callable[[SqlTx], T]) -> T:
        result: T = await self._run("read", work)
        return result

    async def close(self) -> None:
        """Do what waits, and close the file."""
        self._call()
        await self._loop.run_in_executor(self._executor, self._thread.close)
        self._executor.shutdown()

    async def _run(self, kind: Kind, work: Callable[[SqlTx], Any]) -> Any:  # noqa: ANN401  # of `work`
        # A cancelled caller must not leave a half-known outcome: the work itself always ends.
        job = Job(kind, work, self._loop.create_future())
        self._waiting.append(job)
        if not self._called:
            self._called = True
            self._loop.call_soon(self._call)  # not yet: whoever is ready now may come along
        return await job.answer

    def _call(self) -> None:
        self._called = False
        self._executor.submit(self._work)

    def _work(self) -> None:
        """On the store's thread: do all that waits, as much at once as may be."""
        while jobs := self._next():
            rows = self._thread.driver.total_changes
            self._thread.run_all(jobs)
            written = self._thread.driver.total_changes != rows
            self._loop.call_soon_threadsafe(self._answer, jobs, written)

    def _next(self) -> list[Job]:
        jobs: list[Job] = []
        while self._waiting and len(jobs) < MOST:
            if jobs and not jobs[0].kind == self._waiting[0].kind == "write":
                break  # nobody waits for another one's disk, or for another one's reading
            jobs.append(self._waiting.popleft())
        return jobs

    def _answer(self, jobs: list[Job], written: bool) -> None:  # noqa: FBT001  # by the loop's call
        for job in jobs:
            job.tell()
        if any(job.touched for job in jobs):
            self.changed()
        if written:
            self.written()


def _nobody() -> None:
    """Nobody waits for work yet."""
