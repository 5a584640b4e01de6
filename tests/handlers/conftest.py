"""The whole product without its rounds: a real store, a real shop's file, a real dispatcher."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

import checks
import handlers
from bot import questions, remediations
from bot.core import sight
from bot.core.access import Access
from bot.core.book import Book
from bot.core.desk import Desk
from bot.core.detectors import Detectors
from bot.core.policy import Policy
from bot.core.question import Command
from bot.core.tools import Tools
from bot.core.watch import Watch
from bot.edges.cards import Cards
from bot.edges.charts import Charts
from bot.edges.shop import open_shop
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests.checks.fakes import FakeMemory, FakeWeb
from tests.checks.shop import Shop
from tests.conftest import ADMINS, NOON, TEAM, Clock
from tests.handlers.telegram import ANN, BORIS, VERA, Awaited, Phone
from tests.machine import FakeStates, ports

TODAY = NOON.date()


@pytest.fixture
def access() -> Access:
    return Access(admins={ANN}, managers={BORIS}, viewers={VERA}, chats={ADMINS.chat, TEAM.chat})


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a month behind it: two marketplaces, cash above the limit, three outliers.

    Nobody may change it: `shop` is a copy.
    """
    shop = Shop(tmp_path_factory.mktemp("month") / "shop.db")
    shop.stock_skus()
    shop.sell_daily(TODAY - timedelta(days=1), days=30)
    for marketplace in ("WB", "OZON"):
        shop.rule(marketplace)
    for ago, sku, commission in ((1, 1, 250.0), (2, 3, 40.0), (3, 2, 180.5)):
        shop.overcharge(TODAY - timedelta(days=ago), sku, commission)
    for ago in range(30, 0, -1):
        shop.flow(TODAY - timedelta(days=ago), 1500 if ago % 3 else -2500)
        shop.flow(TODAY - timedelta(days=ago), 400, "OZON")
    return shop.path


@pytest.fixture
def shop(month: Path, tmp_path: Path) -> Shop:
    return Shop.copied(month, tmp_path / "shop.db")


@pytest.fixture
def templates(clock: Clock, policy: Policy) -> Templates:
    return Templates(zone=policy.zone, clock=clock)


@pytest.fixture
async def tools(shop: Shop, templates: Templates) -> AsyncIterator[Tools]:
    database = open_shop(f"sqlite:///{shop.path}", sql=templates.sql, busy_seconds=0.1)
    yield Tools(
        shop=database, web=FakeWeb(), services=FakeStates(), memory=FakeMemory(), **ports()
    )
    await database.close()


@pytest.fixture
def book(policy: Policy, store: SqlStore) -> Book:
    return Book(
        runbooks=checks.load({}),
        remediations=remediations.load(),
        policy=policy,
        sight=sight.runbook(store),
    )


@pytest.fixture
def commands() -> dict[str, Command]:
    return questions.load(remediations.load())


@pytest.fixture
async def charts() -> AsyncIterator[Charts]:
    charts = Charts()
    yield charts
    charts.close()


@pytest.fixture
async def phone(  # noqa: PLR0913, PLR0917  # the whole product meets here
    store: SqlStore,
    book: Book,
    access: Access,
    clock: Clock,
    tools: Tools,
    templates: Templates,
    commands: dict[str, Command],
    charts: Charts,
) -> AsyncIterator[Phone]:
    tasks = Awaited()
    desk = Desk(store=store, book=book, access=access, clock=clock, wake=lambda: None)
    dispatcher = handlers.dispatcher(
        desk=desk,
        store=store,
        templates=templates,
        cards=Cards(templates=templates, book=book),
        commands=commands,
        tools=tools,
        book=book,
        access=access,
        tasks=tasks,
        clock=clock,
        charts=charts,
        detectors=Detectors(
            watch=Watch(store=store, tools=tools, book=book, clock=clock, wake=lambda: None),
            start=tasks.start,
        ),
    )
    yield Phone(dispatcher=dispatcher, store=store, tasks=tasks, clock=clock)
    await tasks.close()
