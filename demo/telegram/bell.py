"""Waiting for something to happen, without polling."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bell:
    _waiting: set[asyncio.Future[None]] = field(default_factory=set)

    def ring(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for each in waiting:
            if not each.done():
                each.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """Return True when the bell rang, False when the time was over."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(mine)
        try:
            async with asyncio.timeout(seconds):
                await mine
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(mine)
        return True
