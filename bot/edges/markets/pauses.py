"""Hosts that want to be left alone, kept across a restart of ours."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.core import market_answer
from bot.core.model import Json
from bot.core.tools import Memory

PAUSES: Final = "markets:pauses"


class Pauses:
    """One for all who call these hosts: several may be refused in the same moment."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._keeping = asyncio.Lock()

    async def all(self, now: datetime) -> Mapping[str, datetime]:
        """By address. Further away than any pause can be: the clock was set back."""
        latest = now + market_answer.LONGEST
        kept = _moments(await self._memory.get(PAUSES))
        return {url: end for url, end in kept.items() if now < end <= latest}

    async def until(self, url: str, now: datetime) -> datetime | None:
        return (await self.all(now)).get(url)

    async def keep(self, url: str, until: datetime, now: datetime) -> None:
        async with self._keeping:  # what two of them keep at once must not undo each other
            pauses = _moments(await self._memory.get(PAUSES)) | {url: until}
            kept = {name: end.isoformat() for name, end in pauses.items() if end > now}
            await self._memory.put(PAUSES, kept)


def _moments(value: Json) -> dict[str, datetime]:
    if not isinstance(value, Mapping):
        return {}
    return {name: datetime.fromisoformat(str(end)) for name, end in value.items()}
