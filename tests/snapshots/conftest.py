"""The stage: every check and action there is, real tables, real texts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import checks
from bot import remediations
from bot.core import beat_look, beats, review, senders, sight
from bot.core.book import Book
from bot.core.contacts import parse as parse_contacts
from bot.core.policy import Policy
from bot.core.rota import parse_rota
from bot.core.tools import Tools
from bot.edges.cards import Cards
from bot.edges.shop import open_shop
from bot.edges.store import SqlStore
from tests.checks.fakes import FakeMemory, FakeServices, FakeWeb, moment
from tests.checks.shop import Shop
from tests.conftest import Clock
from tests.machine import ports
from tests.paper import Noted, Sheet
from tests.questions.scene import CONTACTS
from tests.snapshots.stage import KOSTYA, OLGA, Stage


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = moment().now
    return clock


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(
        policy,
        rota=parse_rota("1001 00:00-11:00; 1002 11:00-00:00"),
        contacts=parse_contacts(CONTACTS),
        flap_changes=99,
    )


@pytest.fixture
def templates(policy: Policy, clock: Clock) -> Noted:
    return Noted(policy.zone, clock)


@pytest.fixture
def book(policy: Policy, store: SqlStore) -> Book:
    runbooks = checks.load({})
    return Book(
        runbooks=runbooks,
        remediations=remediations.load(),
        policy=policy,
        sight=sight.runbook(store),
        others={
            **senders.runbooks(),
            beats.NAME: beat_look.runbook(store),
            review.NAME: review.runbook(runbooks),
        },
    )


@pytest.fixture
async def stage(store: SqlStore, book: Book, clock: Clock, templates: Noted) -> Stage:
    cards = Cards(templates=templates, book=book)
    sheet = Sheet(templates=templates)
    stage = Stage(store=store, book=book, cards=cards, clock=clock, sheet=sheet)
    await stage.knows(KOSTYA)
    await stage.knows(OLGA)
    return stage


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
async def tools(shop: Shop, templates: Noted) -> AsyncIterator[Tools]:
    database = open_shop(f"sqlite:///{shop.path}", sql=templates.sql)
    yield Tools(
        shop=database, web=FakeWeb(), services=FakeServices(), memory=FakeMemory(), **ports()
    )
    await database.close()
