"""What is done by the calendar, over a real state database that outlives restarts."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import checks
from bot import questions, remediations, schedules
from bot.core import desk_schedule, review, sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.markets import NoMarkets
from bot.core.model import (
    Moment,
    Person,
)
from bot.core.planned import Entry, Planned, Plans, Turn
from bot.core.policy import Policy
from bot.core.press import Hand
from bot.core.question import Asking
from bot.core.records import Post, Run
from bot.core.schedule import SYSTEM, Deed, Scheduled
from bot.core.tariffs import NoTariffs
from bot.core.timetable import Timetable
from bot.core.tools import DatabaseSize, Tools
from bot.edges.cards import Cards
from bot.edges.schedules import when
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from tests.checks.fakes import FakeMemory, FakeWeb
from tests.conftest import ADMINS, TEAM, Clock
from tests.fakes import FakeShop
from tests.machine import FakeMachine, FakeStates, ports

ANN = Person(id=1001, name="Ann")


ACTIONS = remediations.load()


COMMANDS = questions.load(ACTIONS)


Work = Callable[[Asking, Turn], Awaitable[Deed]]


class Sized(FakeShop):
    free = 0

    async def size(self) -> DatabaseSize:
        return DatabaseSize(
            name="shop.db",
            main_bytes=1000,
            wal_bytes=0,
            free_bytes=self.free,
            disk_free_bytes=1,
            disk_total_bytes=1,
        )


class Quiet(NoMarkets):
    """A marketplace that sales come from wants to be left alone for a while."""

    def __init__(self, until: datetime | None) -> None:
        self._until = until

    async def sales_pause(self, now: datetime) -> datetime | None:
        return self._until if self._until and self._until > now else None


class Hall:
    """The assistant between two restarts: the file stays, all else is made anew."""

    def __init__(self, store: SqlStore, clock: Clock, policy: Policy, **works: Work) -> None:
        self.store, self.clock = store, clock
        self.shop = Sized()
        self.tariffs = NoTariffs()
        self.pause: datetime | None = None
        found = schedules.load()
        found |= {name: _scheduled(name, work) for name, work in works.items()}
        self.scheduled = {name: found[name] for name in works} if works else found
        zone = policy.zone
        runbooks = checks.load({})
        self.book = Book(
            runbooks=runbooks,
            remediations=ACTIONS,
            policy=policy,
            sight=sight.runbook(store),
            others={review.NAME: review.runbook(runbooks)},
            plans=Plans(
                zone=str(zone),
                known={
                    name: Planned(
                        name=name,
                        title=one.title,
                        about=one.about,
                        when=when(name, one.when, zone),
                        usual=one.when,
                        now=one.now,
                    )
                    for name, one in self.scheduled.items()
                },
            ),
        )
        self.templates = Templates(zone=zone, clock=clock)
        self.cards = Cards(templates=self.templates, book=self.book)

    @property
    def table(self) -> Timetable:
        return Timetable(
            store=self.store,
            book=self.book,
            scheduled=self.scheduled,
            asking=self.asking,
            clock=self.clock,
            limit=5,
        )

    def asking(self) -> Asking:
        return Asking(
            who=SYSTEM,
            chat_id=ADMINS.chat,
            of_admins=True,
            moment=Moment(now=self.clock(), zone=self.book.policy.zone),
            tools=Tools(
                shop=self.shop,
                web=FakeWeb(),
                services=FakeStates(),
                memory=FakeMemory(),
                tariffs=self.tariffs,
                markets=Quiet(self.pause),
                **ports(FakeMachine()),
            ),
            store=self.store,
            book=self.book,
            access=Access(admins={1001}, managers=(), viewers=(), chats=()),
            args={},
            wording=self.cards,
            commands=COMMANDS,
            interval=timedelta(minutes=5),
        )

    async def look(self) -> list[str]:
        table = self.table
        turns = await table.due()
        for turn in turns:
            await table.do(turn)
        return [turn.name for turn in turns]

    async def entry(self, name: str) -> Entry:
        found = await self.store.read(lambda tx: tx.schedules.get(name))
        assert found is not None
        return found

    async def posts(self, chat: int = TEAM.chat) -> list[Post]:
        def all_of(tx: object) -> list[Post]:
            found = [tx.posts.get(number) for number in range(1, 40)]  # type: ignore[attr-defined]  # a Tx
            return [one for one in found if one is not None and one.chat_id == chat]

        return await self.store.read(all_of)

    async def shown(self, post: Post) -> str:
        page = await self.store.write(lambda tx: self.cards.page(tx, post, self.clock()))
        return plain(page.text)

    async def run(self) -> Run | None:
        return await self.store.read(lambda tx: tx.runs.get(1))

    async def wanted(self, name: str) -> str:
        said = await self.store.write(
            lambda tx: desk_schedule.now(Hand(tx, self.book, ANN, self.clock()), name)
        )
        return said.text.key


def _scheduled(name: str, work: Work) -> Scheduled:
    return Scheduled(name=name, title=name, about="", when="0 9 * * *", work=work)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)
