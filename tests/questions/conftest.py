"""Questions asked of a real store and a shop that answers what the test says."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import checks
from bot import questions, remediations
from bot.core import asking as through
from bot.core import sight
from bot.core.access import Access
from bot.core.archives import NoArchives
from bot.core.book import Book
from bot.core.keyboard import Keys
from bot.core.model import Moment, Person, Phrase, Role
from bot.core.policy import Policy
from bot.core.question import Asking, Command, Order, Page, parse
from bot.core.tariffs import NoTariffs
from bot.core.tools import Tools
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from tests.checks.fakes import FakeMarkets, FakeMemory, FakeWeb, spaced
from tests.conftest import ADMINS, Clock
from tests.fakes import FakeShop
from tests.machine import FakeMachine, FakeStates, ports
from tests.paper import Noted

ACTIONS = remediations.load()
ANN = Person(id=1001, name="Ann", role=Role.ADMIN)


@dataclass(kw_only=True)
class Room:
    """Where questions are asked."""

    store: SqlStore
    book: Book
    templates: Noted
    clock: Clock
    shop: Any = field(default_factory=FakeShop)  # or a real one
    web: Any = field(default_factory=FakeWeb)
    markets: FakeMarkets = field(default_factory=FakeMarkets)
    tariffs: NoTariffs = field(default_factory=NoTariffs)
    machine: FakeMachine = field(default_factory=FakeMachine)
    services: Any = field(default_factory=FakeStates)
    archives: NoArchives = field(default_factory=NoArchives)
    memory: FakeMemory = field(default_factory=FakeMemory)
    commands: dict[str, Command] = field(default_factory=lambda: questions.load(ACTIONS))

    def answers(self, **rows: list[dict[str, Any]]) -> None:
        """`cash_flows=[…]`: what the shop answers to answers/cash_flows.sql.j2."""
        self.shop.answers = {f"answers/{name}.sql.j2": found for name, found in rows.items()}

    async def ask(self, text: str, who: Person = ANN, chat: int | None = None) -> Page:
        """In the private chat of the one who asks, if no other is named."""
        name, *words = text.split()
        command = self.commands[name]
        return await through.answer(
            command,
            Asking(
                who=who,
                chat_id=who.id if chat is None else chat,
                of_admins=chat == ADMINS.chat,
                moment=Moment(now=self.clock(), zone=self.book.policy.zone),
                tools=Tools(
                    shop=self.shop,
                    web=self.web,
                    services=self.services,
                    memory=self.memory,
                    archives=self.archives,
                    markets=self.markets,
                    tariffs=self.tariffs,
                    **ports(self.machine),
                ),
                store=self.store,
                book=self.book,
                access=Access(admins={1001}, managers=(), viewers=(), chats=()),
                args=parse(command, words),
                wording=Cards(templates=self.templates, book=self.book),
                commands=self.commands,
                interval=timedelta(minutes=5),
            ),
        )

    async def order(self, text: str, who: Person = ANN) -> Page | Phrase | None:
        """What a command that changes something answers; `Desk` sees to the roles."""
        name, *words = text.split()
        command = self.commands[name]
        act = command.act
        assert act is not None
        order = Order(
            who=who,
            chat_id=-1002,
            key="-1002:1",
            now=self.clock(),
            text=f"/{text}",
            args=parse(command, words),
            book=self.book,
            wording=Cards(templates=self.templates, book=self.book),
            usage=command.usage,
        )
        return await self.store.write(lambda tx: act(tx, order))

    async def ordered(self, text: str, who: Person = ANN) -> str:
        """The same as it is sent."""
        outcome = await self.order(text, who)
        assert outcome is not None
        if isinstance(outcome, Phrase):
            return spaced(self.templates.say(outcome))
        return spaced(self.templates.render(outcome.template, **outcome.values))

    async def seen(self, text: str, who: Person = ANN) -> tuple[str, Keys]:
        """What people see of it: the text as it is sent, and the buttons under it."""
        name, *words = text.split()
        command = self.commands[name]
        if command.changes_with(parse(command, words)):
            outcome = await self.order(text, who)
        else:
            outcome = await self.ask(text, who)
        if isinstance(outcome, Phrase):
            return self.templates.say(outcome), ()
        assert outcome is not None
        return self.templates.render(outcome.template, **outcome.values), outcome.keys

    async def read(self, text: str, who: Person = ANN) -> str:
        """The answer as it is sent, with plain spaces for narrow ones."""
        page = await self.ask(text, who)
        return spaced(self.templates.render(page.template, **page.values))


@pytest.fixture
def book(policy: Policy, store: SqlStore) -> Book:
    return Book(
        runbooks=checks.load({}),
        remediations=remediations.load(),
        policy=policy,
        sight=sight.runbook(store),
    )


@pytest.fixture
def room(store: SqlStore, book: Book, policy: Policy, clock: Clock) -> Room:
    templates = Noted(policy.zone, clock)
    return Room(store=store, book=book, templates=templates, clock=clock)


def labels(page: Page) -> list[list[str]]:
    return [[key.label for key in row] for row in page.keys]
