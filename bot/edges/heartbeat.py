"""Notices what hangs, from outside of what hangs: a thread here, an address far away."""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import httpx

from bot.core.heartbeat import Pulse
from bot.core.model import Source
from bot.core.ports import Store
from bot.edges.http import Call, Limits, NoReply, Remote

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks at stamps in memory
BLOCKED_AFTER = 10.0  # seconds in which the event loop ran nothing


class Watchdog:
    """A thread that sees checks and the event loop hang: a task in the loop would hang with it.

    `on_late` runs in the loop each time a check begins to hang.
    """

    def __init__(
        self,
        pulse: Pulse,
        on_late: Callable[[], None],
        *,
        look: float = LOOK,
        blocked_after: float = BLOCKED_AFTER,
    ) -> None:
        self._pulse, self._on_late = pulse, on_late
        self._look, self._blocked_after = look, blocked_after
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._late: set[str] = set()
        self._answered = 0.0
        self._blocked = False
        self._asked = False

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._answered = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._look):
            try:
                self._look_at_checks()
                self._look_at_loop()
            except Exception:
                log.exception("the watchdog stumbled")

    def _look_at_checks(self) -> None:
        late = set(self._pulse.late())
        for check in sorted(late - self._late):
            log.error("check hangs: it has not completed a round in time", extra={"check": check})
        if late - self._late:
            self._loop.call_soon_threadsafe(self._on_late)
        for check in sorted(self._late - late):
            log.warning("check goes on", extra={"check": check})
        self._late = late

    def _look_at_loop(self) -> None:
        silence = time.monotonic() - self._answered
        if silence > self._blocked_after and not self._blocked:
            self._blocked = True
            where = "".join(traceback.format_stack(sys._current_frames()[self._loop_thread]))  # noqa: SLF001  # the only way to see another thread's stack
            log.error("the event loop is blocked", extra={"seconds": silence, "where": where})
        elif silence <= self._blocked_after and self._blocked:
            self._blocked = False
            log.warning("the event loop goes on")
        if not self._asked:
            self._asked = True
            self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        self._answered = time.monotonic()
        self._asked = False


PAUSE = 60.0  # seconds between two pings, at least
UNDELIVERED = timedelta(minutes=10)
SUCCESS = range(200, 300)
LIMITS = Limits(seconds=10.0, size=100_000)


@dataclass(kw_only=True)
class Heartbeat:
    """Asks for an address after each complete round, while people can be told of alerts.

    It never fails: whoever expects the ping is the one to be worried.
    """

    url: str
    pulse: Pulse
    store: Store
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    limits: Limits = LIMITS
    _tried: float = float("-inf")
    _counted: float = field(init=False)
    _trouble: str | None = None

    def __post_init__(self) -> None:
        self._remote = Remote(self.url, Source.CHECK)
        self._query = dict(httpx.URL(self.url).params) or None
        self._counted = self.pulse.clock()

    async def run(self) -> None:
        while True:
            await self.look()
            await self.sleep(LOOK)

    async def aclose(self) -> None:
        await self._remote.aclose()

    async def look(self) -> bool:
        """Ping if it is time; say whether somebody heard it."""
        now = self.pulse.clock()
        early = now - self._tried < PAUSE
        if early or self.pulse.late() or not self.pulse.complete_since(self._counted):
            return False
        self._tried = now
        trouble = await self._ping()
        self._say(trouble)
        if trouble is None:
            self._counted = now
        return trouble is None

    async def _ping(self) -> str | None:
        before = self.clock() - UNDELIVERED
        if await self.store.read(lambda tx: tx.posts.undelivered(before)):
            return "an alert could be shown to nobody for ten minutes"
        try:
            await self._remote.fetch(
                Call(path="", query=self._query, accept=SUCCESS, limits=self.limits)
            )
        except NoReply as error:
            status = error.why.values.get("status")  # never the address: it is a secret
            return f"{error.why.key} {status}" if status else error.why.key
        return None

    def _say(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            log.info("the heartbeat is heard again")
        else:
            log.warning("no heartbeat", extra={"why": trouble})
