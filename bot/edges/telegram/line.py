"""Whether Telegram answers at all. A question without consequences finds out.

While it does not, nothing is sent: a message whose answer is lost may be doubled later, and in
an outage there must be one of these at most and not one for each try.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from aiogram import Bot
from aiogram.exceptions import TelegramNotFound, TelegramRetryAfter, TelegramUnauthorizedError

log = logging.getLogger(__name__)

LADDER = (1.0, 2.0, 4.0, 8.0, 15.0, 20.0)  # what waits must be told within a minute of its return
PATIENCE = 10  # seconds a probe may take


def backoff(attempts: int) -> float:
    """Seconds until the next try, a little different each time."""
    return LADDER[min(attempts, len(LADDER) - 1)] * random.uniform(0.8, 1.2)


@dataclass(kw_only=True)
class Line:
    bot: Bot
    clock: Callable[[], float]  # monotonic seconds
    down: bool = field(default=False, init=False)
    next_try: float = field(default=0.0, init=False)
    token_refused: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)

    def broke(self) -> None:
        """An answer did not come."""
        if not self.down:
            self.down, self.next_try = True, self.clock()

    @property
    def wait(self) -> float:
        """Seconds until it is worth asking again."""
        return max(self.next_try - self.clock(), 0.0)

    async def up(self) -> bool:
        """Ask if it is time to; whether messages can be sent now."""
        if self.down and not self.wait and await self._answers():
            if self._failures:
                log.info("Telegram answers again", extra={"tries": self._failures})
            self.down, self._failures = False, 0
        return not self.down

    async def _answers(self) -> bool:
        try:
            await self.bot.get_me(request_timeout=PATIENCE)
        except Exception as error:  # noqa: BLE001  # whatever it is: it is no answer
            self._failed(error)
            return False
        self.token_refused = False
        return True

    def _failed(self, error: Exception) -> None:
        refused = isinstance(error, TelegramUnauthorizedError | TelegramNotFound)
        if refused and not self.token_refused:
            log.error("Telegram does not know the bot token any more", extra={"error": str(error)})
        elif not self._failures:
            log.warning("Telegram cannot be reached", extra={"error": type(error).__name__})
        self.token_refused = refused
        asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0.0
        self.next_try = self.clock() + max(backoff(self._failures), asked)
        self._failures += 1
