"""Long polling that loses no tap, and still handles many at once.

aiogram confirms an update before it is handled, or else handles one at a time. Here all taps that
come together are handled together, wait for one commit, and are confirmed after it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import Update

from bot.edges.telegram.line import backoff

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_POLL = 10  # seconds Telegram keeps a question without news
LONGEST_PAUSE = 5.0  # seconds between two tries: a tap must not wait when Telegram is back
GRACE = 5.0  # seconds that handlers under way are given at the end
LAST_WORD = 2  # seconds the confirmation at the end may take


@dataclass(kw_only=True)
class Updates:
    """Feeds what people did to `handle`, in order, until `stop` is set.

    What `handle` has not ended is not confirmed: Telegram sends it again, after a crash too.
    """

    bot: Bot
    handle: Callable[[Update], Awaitable[object]]
    kinds: list[str]
    stop: asyncio.Event
    longest_poll: int = LONGEST_POLL
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep
    _handled: int = field(default=0, init=False)  # the last one that was
    _failures: int = field(default=0, init=False)

    async def run(self) -> None:
        while not self.stop.is_set():
            if found := await unless(self.stop, self._ask()):
                await self._finish(self._handle(found))
        if self._handled:
            await self._confirm()

    async def _handle(self, updates: Sequence[Update]) -> None:
        for together in _together(updates):
            if self.stop.is_set():
                return
            if len(together) == 1:
                await self._one(together[0])
            else:
                await asyncio.gather(*(self._one(update) for update in together))
            self._handled = together[-1].update_id

    async def _ask(self) -> Sequence[Update]:
        """What is new; nothing after a failure, and a pause."""
        try:
            found = await self.bot.get_updates(
                offset=self._handled + 1 if self._handled else None,
                timeout=self.longest_poll,
                allowed_updates=self.kinds,
                request_timeout=int(self.bot.session.timeout + self.longest_poll),
            )
        except Exception as error:  # noqa: BLE001  # whatever it is: ask again
            await self._rest(error)
            return ()
        if self._failures:
            log.info("updates come again", extra={"tries": self._failures})
            self._failures = 0
        return found

    async def _rest(self, error: Exception) -> None:
        if not self._failures:
            log.warning("no updates, trying again", extra={"error": type(error).__name__})
        pause = min(backoff(self._failures), LONGEST_PAUSE)
        self._failures += 1
        asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0.0
        await self.sleep(max(pause, asked))

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it end; once it is time to stop, within a while."""
        job = asyncio.create_task(work)  # noqa: TID251  # awaited right here
        try:
            await unless(self.stop, asyncio.wait({job}))
            await asyncio.wait({job}, timeout=GRACE)
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def _one(self, update: Update) -> None:
        try:
            await self.handle(update)
        except Exception:
            log.exception("update failed", extra={"update": update.update_id})

    async def _confirm(self) -> None:
        """Tell Telegram what was handled, or it comes again after the next start."""
        try:
            await self.bot.get_updates(
                offset=self._handled + 1,
                limit=1,
                timeout=0,
                allowed_updates=self.kinds,
                request_timeout=LAST_WORD,
            )
        except Exception as error:  # noqa: BLE001  # no harm: a tap that comes again is the same decision
            log.info("the last updates are not confirmed", extra={"error": type(error).__name__})


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
