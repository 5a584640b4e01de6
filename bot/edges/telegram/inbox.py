"""What Telegram brings by webhook: handled as by polling, and answered only after that.

An answer is the confirmation. What got none comes again, after a kill too; so nothing is answered
that is not handled, and what came twice meanwhile is handled once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from aiogram.types import Update

from bot.edges.telegram.turns import Turns, unless

MOST_WAITING = 200  # Telegram brings 40 at a time; more is somebody else, or a handler that hangs
MOST_REMEMBERED = 10_000


@dataclass(kw_only=True)
class Inbox:
    """`take` for each update that came; `run` handles them in their order until `stop`."""

    handle: Callable[[Update], Awaitable[object]]
    stop: asyncio.Event
    most: int = MOST_WAITING
    _known: OrderedDict[int, asyncio.Future[bool]] = field(default_factory=OrderedDict)
    _waiting: dict[int, Update] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, update: Update) -> bool:
        """Whether it is handled; False: there is no room or no time, it must come again."""
        number = update.update_id
        verdict = self._known.get(number)
        if verdict is None:
            if self.stop.is_set() or len(self._waiting) >= self.most:
                return False
            verdict = self._known[number] = asyncio.get_running_loop().create_future()
            self._waiting[number] = update
            self._came.set()
        # Whoever brought it may hang up: it is handled all the same.
        return await asyncio.shield(verdict)

    async def run(self) -> None:
        turns = Turns(handle=self.handle, stop=self.stop)
        while not self.stop.is_set():
            await unless(self.stop, self._came.wait())
            self._came.clear()
            found = [self._waiting[number] for number in sorted(self._waiting)]
            self._waiting.clear()
            await turns.run(found, self._done)
            self._send_back(found)
        self._send_back(self._waiting.values())

    def _done(self, together: Sequence[Update]) -> None:
        for update in together:
            self._known[update.update_id].set_result(True)
        while len(self._known) > MOST_REMEMBERED and next(iter(self._known.values())).done():
            self._known.popitem(last=False)

    def _send_back(self, updates: Iterable[Update]) -> None:
        """Those that were not handled: Telegram keeps them."""
        for update in updates:
            verdict = self._known[update.update_id]
            if not verdict.done():
                del self._known[update.update_id]
                verdict.set_result(False)
