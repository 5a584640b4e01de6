"""Sees to it that every open alert was really shown, apart from the courier that shows them.

A courier that hangs cannot say so; this looks at the tables only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core import revival
from bot.core.model import Alert
from bot.core.ports import Store, Tx
from bot.edges.fallback import FallbackError, Undelivered, WayOut
from bot.edges.templates import plain

log = logging.getLogger(__name__)

LOOK = 10.0  # seconds between two looks


@dataclass(kw_only=True)
class Auditor:
    """`run` is an endless loop. `undelivered_count` is what a metric shows."""

    store: Store
    line: Callable[[Alert], str]  # an alert's headline as HTML
    clock: Callable[[], datetime]
    after: timedelta = timedelta(minutes=10)
    ways: Sequence[WayOut] = ()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    undelivered_count: int = field(default=0, init=False)  # episodes, since the start
    undelivered_now: int = field(default=0, init=False)
    _trouble: dict[str, str] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        while True:
            await self.look()
            await self.sleep(min(LOOK, self.after.total_seconds()))

    async def look(self) -> None:
        """Find what nobody could be shown, say so once, and try the other ways out."""
        now = self.clock()
        fresh, waiting = await self.store.write(lambda tx: self._find(tx, now))
        for alert in fresh:
            self.undelivered_count += 1
            log.error(
                "an alert could be shown in no chat",
                extra={"alert": alert.alert_id, "check": alert.check, "why": alert.reason},
            )
        for way in self.ways:
            if alerts := waiting[way.name]:
                await self._tell(way, alerts)

    async def aclose(self) -> None:
        for way in self.ways:
            await way.aclose()

    def _find(
        self, tx: Tx, now: datetime
    ) -> tuple[list[Undelivered], Mapping[str, list[Undelivered]]]:
        """What is new, and what each way out has still to tell."""
        revival.beat(tx, now)
        found = tx.posts.undelivered(now - self.after)
        self.undelivered_now = len(found)
        fresh: list[Undelivered] = []
        waiting: dict[str, list[Undelivered]] = {way.name: [] for way in self.ways}
        for alert_id, reason in found.items():
            alert = tx.alerts.get(alert_id)
            if alert is None:
                continue
            report = self._report(alert, reason)
            if tx.recall(_key("log", alert)) is None:
                tx.remember(_key("log", alert), now.isoformat(), now)
                fresh.append(report)
            for way in self.ways:
                if tx.recall(_key(way.name, alert)) is None:
                    waiting[way.name].append(report)
        return fresh, waiting

    async def _tell(self, way: WayOut, alerts: Sequence[Undelivered]) -> None:
        """Keep what was taken; what was not is tried again with the next look."""
        try:
            taken = await way.send(alerts)
        except FallbackError as error:
            if self._trouble.get(way.name) != str(error):
                ids = [one.alert_id for one in alerts]
                log.error(  # noqa: TRY400  # no trace: it is somebody else's trouble
                    "the fallback failed",
                    extra={"way": way.name, "why": str(error), "alerts": ids},
                )
            self._trouble[way.name] = str(error)
            return
        self._trouble.pop(way.name, None)
        now = self.clock()
        ids = [one.alert_id for one in taken]
        await self.store.write(lambda tx: _keep(tx, way.name, ids, now))

    def _report(self, alert: Alert, reason: str) -> Undelivered:
        return Undelivered(
            alert_id=alert.id,
            check=alert.check,
            subject=alert.subject,
            severity=alert.severity,
            headline=plain(self.line(alert)),
            opened_at=alert.opened_at,
            reason=reason,
        )


def _keep(tx: Tx, way: str, alert_ids: Sequence[int], now: datetime) -> None:
    for alert_id in alert_ids:
        if alert := tx.alerts.get(alert_id):
            tx.remember(_key(way, alert), now.isoformat(), now)


def _key(way: str, alert: Alert) -> str:
    """Once for each episode."""
    return f"fallback:{way}:{alert.id}:{alert.times}"
