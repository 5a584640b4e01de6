"""Work that must not take longer than its limit, even if it refuses to be cancelled."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
GRACE = 1.0  # seconds a cancelled piece of work is given to end
MOST = 3  # so many abandoned ones of a name may be alive; then no more are started


class WorkStuckError(RuntimeError):
    """Earlier work of this name was abandoned and still does not end."""


class WorkCancelledError(RuntimeError):
    """The work cancelled itself: its own failure, not a wish of ours."""


class Bounded:
    """Waits for work as long as its limit, and abandons what ignores being cancelled.

    `asyncio.timeout` waits for the end of what it cancels, which may never come; one such check
    would be silent for ever.
    """

    def __init__(self, *, grace: float = GRACE, most: int = MOST) -> None:
        self._grace, self._most = grace, most
        self._abandoned: dict[str, set[asyncio.Task[Any]]] = defaultdict(set)

    async def __call__(self, name: str, work: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Return what the work returns, or raise what it raises.

        `TimeoutError`: it took too long. `WorkStuckError`: too many of its kind never ended.
        """
        if len(self._abandoned[name]) >= self._most:
            raise WorkStuckError(name)
        task = asyncio.create_task(_of(work), name=name)  # noqa: TID251  # awaited or kept here
        try:
            await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            await self._end(name, task)
            raise
        if task.done():
            if task.cancelled():
                raise WorkCancelledError(name)
            return task.result()
        await self._end(name, task)
        raise TimeoutError

    async def _end(self, name: str, task: asyncio.Task[Any]) -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=self._grace)
        if task.done():
            if not task.cancelled():
                task.exception()  # it is too late for whatever it has to say
            return
        log.error("work ignores being cancelled and is abandoned", extra={"work": name})
        self._abandoned[name].add(task)
        task.add_done_callback(self._abandoned[name].discard)
        # Else the end of the event loop, too, would wait for it for ever.
        asyncio._unregister_task(task)  # noqa: SLF001  # documented for those who own tasks


async def _of(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
