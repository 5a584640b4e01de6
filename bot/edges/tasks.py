"""Work in the background that nobody loses: kept, logged, restarted, and awaited at the end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds before a loop that broke starts again


class Tasks:
    """The only owner of background tasks."""

    def __init__(self) -> None:
        self._jobs: set[asyncio.Task[None]] = set()
        self._loops: set[asyncio.Task[None]] = set()

    def start(self, job: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run a piece of work to its end; at the close it is given time to finish."""
        task = asyncio.create_task(_guarded(job, name), name=name)  # noqa: TID251  # the owner
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    def keep(self, loop: Callable[[], Awaitable[None]], *, name: str) -> None:
        """Run an endless loop; one that breaks is logged and started again."""
        task = asyncio.create_task(_forever(loop, name), name=name)  # noqa: TID251  # the owner
        self._loops.add(task)
        task.add_done_callback(self._loops.discard)

    async def close(self, grace: float = 10.0) -> None:
        """Stop the loops, let the work under way finish within `grace` seconds, then cancel it."""
        await _cancel(self._loops)
        if self._jobs:
            await asyncio.wait(set(self._jobs), timeout=grace)
        await _cancel(self._jobs)


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    ending = set(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


async def _guarded(job: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await job
    except Exception:
        log.exception("work failed", extra={"task": name})


async def _forever(loop: Callable[[], Awaitable[None]], name: str) -> None:
    while True:
        try:
            await loop()
        except Exception:
            log.exception("loop broke, starting it again", extra={"task": name})
        await asyncio.sleep(PAUSE)
