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
RAREST = 30  # looks from one try of a dead way out to the next, at most: five minutes


@dataclass(slots=True)
class _Dead:
    """A way out that fails: why, how often by now, and how many looks it is left alone."""

    why: str = ""
    failures: int = 0
    rest: int = 0


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
    _dead: dict[str, _Dead] = field(default_factory=dict, init=False)

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
            if (alerts := waiting[way.name]) and not self._is_left_alone(way):
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

    def _is_left_alone(self, way: WayOut) -> bool:
        dead = self._dead.get(way.name)
        if dead is None or not dead.rest:
            return False
        dead.rest -= 1
        return True

    async def _tell(self, way: WayOut, alerts: Sequence[Undelivered]) -> None:
        """Keep what was taken; what was not is tried again, ever more rarely."""
        try:
            taken = await way.send(alerts)
        except FallbackError as error:
            self._failed(way, str(error), alerts)
            return
        self._dead.pop(way.name, None)
        now = self.clock()
        ids = [one.alert_id for one in taken]
        await self.store.write(lambda tx: _keep(tx, way.name, ids, now))

    def _failed(self, way: WayOut, why: str, alerts: Sequence[Undelivered]) -> None:
        """A server that is asked every ten seconds for days takes us for an attacker."""
        dead = self._dead.setdefault(way.name, _Dead())
        if dead.why != why:
            ids = [one.alert_id for one in alerts]
            log.error("the fallback failed", extra={"way": way.name, "why": why, "alerts": ids})
        dead.why, dead.failures = why, dead.failures + 1
        dead.rest = min(2**dead.failures, RAREST) - 1

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
