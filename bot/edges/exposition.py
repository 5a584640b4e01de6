"""What `/metrics` answers: counters kept while running, and the tables counted when asked."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from prometheus_client import generate_latest

from bot.core.slo import Level
from bot.edges.metrics import Metrics, fill
from bot.edges.store import SqlStore
from bot.edges.store.figures import Gauges, Since, events_since, gauges, newest, runs_since
from bot.edges.store.tx import SqlTx

log = logging.getLogger(__name__)

SLO_EVERY = 300.0  # seconds; service levels ask the shop, and change slowly
SLO_SECONDS = 5.0


@dataclass(kw_only=True)
class Exposition:
    """`levels` reads the service levels of the last 7 days; `undelivered` is the auditor's."""

    metrics: Metrics
    store: SqlStore
    levels: Callable[[], Awaitable[Sequence[Level]]]
    clock: Callable[[], datetime]
    undelivered: Callable[[], int] = lambda: 0
    monotonic: Callable[[], float] = time.monotonic
    _since: Since | None = None
    _levels_at: float = field(default=float("-inf"))
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def render(self) -> bytes:
        async with self._lock:  # two scrapes at once must not count an event twice
            self._show(await self.store.read(self._count))
            await self._show_levels()
            return generate_latest(self.metrics.registry)

    async def begin(self) -> None:
        """Count from now on: what happened before this start is not counted again."""
        now = self.clock()
        self._since = await self.store.read(lambda tx: newest(tx.connection, now))

    def _count(self, tx: SqlTx) -> Gauges:
        since = self._since or newest(tx.connection, self.clock())
        events, last = events_since(tx.connection, since)
        for event in events:
            self.metrics.alert_events.labels(event.event).inc()
            if event.answered_after is not None:
                seconds = max(event.answered_after, 0.0)
                self.metrics.acknowledge_seconds.labels(event.severity).observe(seconds)
        ended = runs_since(tx.connection, since)
        for action, outcome, _ in ended:
            self.metrics.remediations.labels(action, outcome).inc()
        since = replace(since, history_id=last)
        self._since = replace(since, finished_at=ended[-1][2]) if ended else since
        return gauges(tx.connection, self.clock())

    def _show(self, found: Gauges) -> None:
        fill(self.metrics.alerts, found.alerts)
        fill(self.metrics.queue, found.queues)
        fill(self.metrics.todos, found.todos)
        self.metrics.broken_chats.set(found.broken_chats)
        self.metrics.undelivered.set(self.undelivered())

    async def _show_levels(self) -> None:
        """Show what is known; a level that cannot be read has no figure, and never an old one."""
        if self.monotonic() - self._levels_at < SLO_EVERY:
            return
        self._levels_at = self.monotonic()
        try:
            async with asyncio.timeout(SLO_SECONDS):
                levels = await self.levels()
        except Exception:
            log.exception("service levels not read for /metrics")
            levels = []
        known = [one for one in levels if one.tally.pct is not None]
        for gauge, values in (
            (self.metrics.slo_compliance, {one.name: one.tally.pct or 0.0 for one in known}),
            (self.metrics.slo_target, {one.name: one.target_pct for one in levels if not one.off}),
            (self.metrics.slo_budget, {one.name: one.budget.left_pct for one in known}),
        ):
            fill(gauge, {(name,): pct / 100 for name, pct in values.items()})
