"""Traces by the minute: what the checks see, what people answer, what then rings where."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.core import matrix
from bot.core.book import Book
from bot.core.model import Alert, Reading, Severity, State, fires, ok
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState, Run, RunState, Silence
from bot.core.ticks import tick
from bot.core.watch import record
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import ADMINS, NOON, Clock

T = TypeVar("T")
INGEST, CASH, GROWTH = "check_ingest", "check_cash", "check_growth"
SICK = fires("t", Severity.WARNING, **fakes.FULL)
BAD = fires("t", Severity.ERROR, **fakes.FULL)
AWFUL = fires("t", Severity.CRITICAL, **fakes.FULL)
WELL = ok("t", **fakes.SLIM)
ANN, BORIS = 7, 8


class Day:
    """A day of the engine on real tables; the tick comes once a minute."""

    def __init__(self, store: SqlStore, book: Book, clock: Clock) -> None:
        self.store, self.clock = store, clock
        made = [
            fakes.runbook(name=INGEST, automatic=None),
            fakes.runbook(name=CASH, automatic=None, depends_on=[INGEST]),
            fakes.runbook(name=GROWTH, automatic=None),
        ]
        self.book = replace(book, runbooks={one.name: one for one in made})
        self.heard: list[str] = []
        self._heard = 0  # the newest post that was listened to

    def but(self, check: str, **changes: object) -> None:
        """Change a runbook: `hold`, `keep` and the like."""
        changed = replace(self.book.runbooks[check], **changes)  # type: ignore[arg-type]  # a test's own
        self.book = replace(self.book, runbooks={**self.book.runbooks, check: changed})

    def policy(self, **changes: object) -> None:
        self.book = replace(self.book, policy=replace(self.book.policy, **changes))  # type: ignore[arg-type]  # a test's own

    async def sees(self, *readings: Reading, check: str = GROWTH) -> None:
        now = self.clock()
        await self.write(
            lambda tx: record(tx, self.book, self.book.runbooks[check], readings, now)
        )

    async def tick(self) -> None:
        now = self.clock()
        await self.write(lambda tx: tick(tx, self.book, now))

    async def passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.clock.forward(minutes=1)
            await self.tick()

    async def write(self, work: Callable[[Tx], T]) -> T:
        def listened(tx: Tx) -> T:
            result = work(tx)
            self._listen(tx)
            return result

        return await self.store.write(listened)

    async def silence(  # a person's
        self, minutes: float, *, severity: Severity = Severity.WARNING, check: str = GROWTH
    ) -> Silence:
        now = self.clock()
        wanted = Silence(
            id=0,
            check=check,
            subject=None,
            severity=severity,
            by_name="Ann",
            by_id=ANN,
            why="",
            created_at=now,
            until=now + timedelta(minutes=minutes),
        )
        return await self.write(lambda tx: tx.silences.add(wanted))

    async def takes(self, alert_id: int = 1) -> None:
        now = self.clock()

        def take(tx: Tx) -> None:
            alert = tx.alerts.get(alert_id)
            assert alert is not None
            taken = replace(
                alert,
                state=State.ACKNOWLEDGED,
                acknowledged_by="Ann",
                acknowledged_id=ANN,
                acknowledged_at=now,
            )
            tx.alerts.save(matrix.responded(taken, now))

        await self.write(take)

    async def alert(self, alert_id: int = 1) -> Alert:
        alert = await self.store.read(lambda tx: tx.alerts.get(alert_id))
        assert alert is not None
        return alert

    async def posts(self, alert_id: int = 1) -> Sequence[Post]:
        return await self.store.read(lambda tx: tx.posts.of_alert(alert_id))

    async def events(self, alert_id: int = 1) -> list[str]:
        history = await self.store.read(lambda tx: tx.alerts.history(alert_id))
        return [entry.event for entry in history]

    async def runs(self) -> Sequence[Run]:
        """Repairs that were decided."""
        return await self.store.read(lambda tx: tx.runs.in_state(RunState.REQUESTED))

    async def shown_silently(self, card: Post) -> None:
        """Telegram took a card while nothing was to ring."""
        there = replace(card, state=PostState.SHOWN, message_id=card.id, shown=1, silent=True)
        await self.write(lambda tx: tx.posts.save(there))

    def rings(self) -> list[str]:
        """What rang since the last call: `minute chat what`."""
        heard, self.heard = self.heard, []
        return heard

    def _listen(self, tx: Tx) -> None:
        while post := tx.posts.get(self._heard + 1):
            self._heard += 1
            if not post.silent:
                self.heard.append(self._line(post))

    def _line(self, post: Post) -> str:
        where = "admins" if post.chat_id == ADMINS.chat else "team"
        named = str(post.template).removeprefix("notices/").removesuffix(".html.j2")
        what = "card" if post.kind is PostKind.CARD else named
        return f"{_minute(self.clock())} {where} {what}"


def _minute(now: datetime) -> int:
    return round((now - NOON) / timedelta(minutes=1))
