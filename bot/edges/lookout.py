"""How a loop that does what is due by the clock waits for its next look."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

LONGEST = 30.0  # seconds: the wall clock may be set meanwhile
LATE = 0.01  # seconds after the due time: "over" is after it, and timers may be early


@dataclass(kw_only=True)
class Lookout:
    """`wake()` after a change: what was due later may be due now.

    So nothing is asked every second only because something may be due one day.
    """

    clock: Callable[[], datetime]
    pause: float = 1.0  # seconds between two looks at least, however much changes
    longest: float = LONGEST
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._changed.set()

    async def until(self, due: datetime | None) -> None:
        """Wait for this time or for a change, whichever comes first."""
        await self.sleep(self.pause)
        wait = self.longest if due is None else (due - self.clock()).total_seconds() + LATE
        try:
            async with asyncio.timeout(min(max(wait, 0.0), self.longest)):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()
