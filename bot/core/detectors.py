"""A round of every check, now: somebody asks for it, by a button or over the API."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.core.model import Status
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Look, Off, Watch, summary

FRESH: Final = 10.0  # seconds in which another tap means the same wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one check saw, and how long that took, the pause before a second look left out."""

    runbook: Runbook
    seen: Look
    took_ms: float

    @property
    def status(self) -> Status | None:
        """None: it is switched off."""
        match self.seen:
            case Off():
                return None
            case Blind():
                return Status.UNKNOWN
            case _:
                return summary(self.seen)[0]


@dataclass(frozen=True, slots=True)
class All:
    """What all of them saw; `seconds` from the first to the last."""

    rounds: Sequence[Looked]
    seconds: float


class Start(Protocol):
    def __call__(self, job: Coroutine[Any, Any, None], *, name: str) -> None: ...


@dataclass(kw_only=True)
class Detectors:
    """Runs all checks, once at a time; whoever waits no longer stops none of them.

    `start` runs work in the background.
    """

    watch: Watch
    start: Start
    clock: Callable[[], float] = time.monotonic
    _running: asyncio.Future[All] | None = None
    _last: All | None = None
    _ended: float = 0.0

    @property
    def busy(self) -> bool:
        return self._running is not None

    async def run(self, *, fresh: float = 0.0) -> All:
        """Run them, or wait for those that run already.

        What was seen within the last `fresh` seconds is seen enough.
        """
        if self._running is None:
            if self._last is not None and self.clock() - self._ended < fresh:
                return self._last
            self._running = asyncio.get_running_loop().create_future()
            self.start(self._work(self._running), name="detectors")
        return await asyncio.shield(self._running)

    async def _work(self, result: asyncio.Future[All]) -> None:
        began = self.clock()
        try:
            books = self.watch.book.runbooks.values()
            rounds = await asyncio.gather(*(self._look(book) for book in books))
            self._ended = self.clock()
            self._last = All(rounds, self._ended - began)
            result.set_result(self._last)
        except Exception as error:
            result.set_exception(error)
            raise
        finally:
            result.cancel()  # nothing where it has a result: else nobody waits for ever
            self._running = None

    async def _look(self, book: Runbook) -> Looked:
        began = self.clock()
        seen = await self.watch.round(book, extra=True)
        return Looked(runbook=book, seen=seen, took_ms=round((self.clock() - began) * 1000, 1))
