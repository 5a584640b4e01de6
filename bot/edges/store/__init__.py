"""The assistant's own database: one SQLite file, one writer, one thread.

Use cases run whole on the store's thread (see `bot.core.ports`): a tap costs one hop between
threads instead of one for each statement, and no transaction is ever open across an `await`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.edges.store.thread import Kind, StateThread
from bot.edges.store.tx import SqlTx

T = TypeVar("T")


class SqlStore:
    """Opened by `SqlStore.open`, which migrates; closed by `close`.

    `changed` is called, on the event loop, after a transaction that gave somebody work to do.
    """

    def __init__(self, thread: StateThread, executor: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._executor = executor
        self.changed: Callable[[], None] = _nobody

    @classmethod
    async def open(cls, path: Path | None) -> "SqlStore":
        """Open the file, made and brought up to date where needed; None: in memory."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        loop = asyncio.get_running_loop()
        thread = await loop.run_in_executor(executor, StateThread.open, path)
        return cls(thread, executor)

    async def write(self, work: Callable[[SqlTx], T], *, durable: bool = False) -> T:
        """Run `work` in one transaction.

        Committed means: a killed process cannot lose it. `durable`: a power cut neither, at the
        price of waiting for the disk, which may be busy with a VACUUM.
        """
        result, touched = await self._run("durable" if durable else "write", work)
        if touched:
            self.changed()
        return result

    async def read(self, work: Callable[[SqlTx], T]) -> T:
        result, _ = await self._run("read", work)
        return result

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._thread.close)
        self._executor.shutdown()

    async def _run(self, kind: Kind, work: Callable[[SqlTx], T]) -> tuple[T, bool]:
        # A cancelled caller must not leave a half-known outcome: the work itself always ends.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._thread.run, kind, work)


def _nobody() -> None:
    """Nobody waits for work yet."""
