"""The web API's cache, and the way it goes bad.

A healthy cache holds a few answers. When it has grown past `CAPACITY`, every third or so look-up
has to wait for an eviction pass, which never gets it below the limit again: only clearing helps.
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeAlias

CAPACITY = 1_000
LIFETIME = 20.0  # seconds
EVICTION_SECONDS = (1.8, 2.3)
EVICTION_SHARE = 0.35
_JUNK = 50_000
Answer: TypeAlias = list[dict[str, object]]


class Cache:
    """Answers by their question; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float], rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        self._entries: dict[str, tuple[float, Answer]] = {}

    @property
    def size(self) -> int:
        return len(self._entries)

    @property
    def bloated(self) -> bool:
        return self.size > CAPACITY

    async def get(self, key: str, load: Callable[[], Awaitable[Answer]]) -> Answer:
        if self.bloated and self._rng.random() < EVICTION_SHARE:
            await asyncio.sleep(self._rng.uniform(*EVICTION_SECONDS))
        held = self._entries.get(key)
        if held and held[0] > self._clock():
            return held[1]
        answer = await load()
        self._entries[key] = (self._clock() + LIFETIME, answer)
        return answer

    def clear(self) -> int:
        """Drop everything; returns how many entries there were."""
        count = self.size
        self._entries = {}
        return count

    def poison(self) -> None:
        """Fill it with entries that nobody will ask for."""
        self._entries.update((f"junk:{n}", (0.0, [])) for n in range(_JUNK))

    def unpoison(self) -> None:
        self._entries = {k: v for k, v in self._entries.items() if not k.startswith("junk:")}
