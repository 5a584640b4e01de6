"""The order in which updates are handled, whichever way they came in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from aiogram.types import Update

log = logging.getLogger(__name__)

T = TypeVar("T")

GRACE = 5.0  # seconds that handlers under way are given at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Feeds updates to `handle`, in order, until `stop` is set.

    All taps that come together are handled together and wait for one commit.
    """

    handle: Callable[[Update], Awaitable[object]]
    stop: asyncio.Event

    async def run(
        self, updates: Sequence[Update], done: Callable[[Sequence[Update]], None]
    ) -> None:
        """Handle them, and say `done` of those that were; once it is time to stop, not the rest.

        What is under way then is given a while to end.
        """
        job = asyncio.create_task(self._all(updates, done))  # noqa: TID251  # awaited right here
        try:
            await unless(self.stop, asyncio.wait({job}))
            await asyncio.wait({job}, timeout=GRACE)
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def _all(
        self, updates: Sequence[Update], done: Callable[[Sequence[Update]], None]
    ) -> None:
        for together in _together(updates):
            if self.stop.is_set():
                return
            if len(together) == 1:
                await self._one(together[0])
            else:
                await asyncio.gather(*(self._one(update) for update in together))
            done(together)

    async def _one(self, update: Update) -> None:
        try:
            await self.handle(update)
        except Exception:
            log.exception("update failed", extra={"update": update.update_id})


def _together(updates: Sequence[Update]) -> Iterator[list[Update]]:
    """Taps in a row are one group: each is one use case, and those are done in order.

    A message may need several in turn, so it waits for what came before, and what came after
    waits for it: a tap after `/silence` finds it done.
    """
    for is_tap, group in groupby(updates, lambda update: update.callback_query is not None):
        if is_tap:
            yield list(group)
        else:
            yield from ([update] for update in group)


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What comes of `work`; None where it is given up, because it is time to stop."""
    job = asyncio.create_task(work)  # noqa: TID251  # awaited right here
    stopping = asyncio.create_task(stop.wait())  # noqa: TID251  # likewise
    try:
        await asyncio.wait({job, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return job.result() if job.done() else None
    finally:
        job.cancel()
        stopping.cancel()
        await asyncio.gather(job, stopping, return_exceptions=True)
