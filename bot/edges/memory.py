"""What checks keep from one round to the next, in the state database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Json
from bot.core.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMemory:
    store: Store
    clock: Callable[[], datetime]

    async def get(self, key: str) -> Json:
        return await self.store.read(lambda tx: tx.recall(key))

    async def put(self, key: str, value: Json) -> None:
        now = self.clock()
        await self.store.write(lambda tx: tx.remember(key, value, now))
