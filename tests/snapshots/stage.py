"""A life of alerts on real tables: what every chat is shown of it, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.core import matrix, people
from bot.core.book import Book
from bot.core.model import Alert, Person, Reading, State
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, Silence
from bot.core.rounds import Round
from bot.core.ticks import tick
from bot.core.watch import record
from bot.edges.cards import Cards, Page
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, TEAM, Clock
from tests.paper import Sheet

T = TypeVar("T")
LONG_NAME = "Константин Константинопольский-Васильев <&>"
KOSTYA = Person(id=1001, name=LONG_NAME)
OLGA = Person(id=1002, name="Olga")
WHY = "переезд базы на новый сервер, см. <задачу> 12345 & спросить Ольгу"


@dataclass(kw_only=True)
class Stage:
    store: SqlStore
    book: Book
    cards: Cards
    clock: Clock
    sheet: Sheet
    newest: int = 0  # the last post that was looked at

    async def write(self, work: Callable[[Tx, datetime], T]) -> T:
        now = self.clock()
        return await self.store.write(lambda tx: work(tx, now))

    async def knows(self, who: Person) -> None:
        await self.write(lambda tx, now: people.seen(tx, who, now))

    async def sees(self, check: str, *readings: Reading) -> None:
        """A check that has rounds saw this, or somebody else told it."""
        runbook = self.book.runbook(check)
        if check in self.book.runbooks:
            await self.write(lambda tx, now: record(tx, self.book, runbook, readings, now))
        else:
            await self.write(lambda tx, now: Round(tx, self.book, runbook, now).heard(readings))

    async def alert(self, check: str, subject: str) -> Alert:
        def find(tx: Tx, _now: datetime) -> Alert:
            found = [
                one for one in tx.alerts.newest(99) if (one.check, one.subject) == (check, subject)
            ]
            return found[0]

        return await self.write(find)

    async def changed(self, alert: Alert, **values: object) -> Alert:
        changed = replace(alert, **values)  # type: ignore[arg-type]  # a test's own
        return await self.write(lambda tx, _now: tx.alerts.save(changed))

    async def takes(self, alert: Alert, who: Person = KOSTYA) -> Alert:
        now = self.clock()
        taken = replace(
            alert,
            state=State.ACKNOWLEDGED,
            acknowledged_by=who.name,
            acknowledged_id=who.id,
            acknowledged_at=now,
        )
        return await self.write(lambda tx, now: tx.alerts.save(matrix.responded(taken, now)))

    async def silences(
        self, alert: Alert, hours: int = 4, *, maintenance: bool = False
    ) -> Silence:
        now = self.clock()
        silence = Silence(
            id=0,
            check=None if maintenance else alert.check,
            subject=None if maintenance else alert.subject,
            severity=alert.severity,
            by_name=LONG_NAME,
            by_id=KOSTYA.id,
            why=WHY,
            created_at=now,
            until=now + timedelta(hours=hours),
            maintenance=maintenance,
        )
        return await self.write(lambda tx, _now: tx.silences.add(silence))

    async def rings(self) -> None:
        """Let the time pass to the next clock of the response matrix."""
        due = await self.store.read(
            lambda tx: [
                clock
                for alert in tx.alerts.open()
                for clock in (alert.remind_at, alert.escalate_at)
                if clock is not None
            ]
        )
        self.clock.now = max(self.clock.now, min(due))
        await self.write(lambda tx, now: tick(tx, self.book, now))

    async def page(self, post: Post) -> Page:
        return await self.write(lambda tx, now: self.cards.page(tx, post, now))

    async def show(self, name: str, post: Post) -> None:
        page = await self.page(post)
        self.sheet.add(name, page.text, page.keys)

    async def card(self, name: str, alert: Alert, chat: int = TEAM.chat) -> None:
        """The alert's card as it is now."""
        posts = await self.posts(alert)
        cards = {one.chat_id: one for one in posts if one.kind is PostKind.CARD}
        await self.show(name, cards.get(chat) or next(iter(cards.values())))
        page = await self.page(cards.get(chat) or next(iter(cards.values())))
        lines = [line for line in page.text.splitlines() if line.strip()]
        assert len(lines) <= (12 if "usual" in name else 16), "a card is read at a glance"

    async def notices(self, name: str, alert: Alert) -> None:
        """What has been told of it since the last look: notices, each text once."""
        told: set[str | None] = set()
        for post in await self.posts(alert):
            if post.id <= self.newest:
                continue
            if post.kind is PostKind.NOTICE and post.template not in told:
                told.add(post.template)
                await self.show(name, post)
        self.newest = max((one.id for one in await self.posts(alert)), default=0)

    async def posts(self, alert: Alert) -> Sequence[Post]:
        return await self.write(lambda tx, _now: list(tx.posts.of_alert(alert.id)))


ADMIN_CHAT = ADMINS.chat
