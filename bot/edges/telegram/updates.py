"""Long polling that loses no tap, and still handles many at once.

aiogram confirms an update before it is handled, or else handles one at a time. Here all taps that
come together are handled together, wait for one commit, and are confirmed after it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import Update

from bot.edges.telegram.line import backoff
from bot.edges.telegram.turns import Turns, unless

log = logging.getLogger(__name__)

LONGEST_POLL = 10  # seconds Telegram keeps a question without news
LONGEST_PAUSE = 5.0  # seconds between two tries: a tap must not wait when Telegram is back
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
        turns = Turns(handle=self.handle, stop=self.stop)
        while not self.stop.is_set():
            if found := await unless(self.stop, self._ask()):
                await turns.run(found, self._done)
        if self._handled:
            await self._confirm()

    def _done(self, together: Sequence[Update]) -> None:
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
