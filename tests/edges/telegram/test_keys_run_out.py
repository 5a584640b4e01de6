"""A key nears its end: each step is heard, through rounds, tables, a courier and a Telegram."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core import desk_alerts
from bot.core.book import Book
from bot.core.markets import Market
from bot.core.model import Person, Severity
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import Silence
from bot.core.tools import Tools
from bot.core.watch import Watch
from bot.core.wb_token import Category
from bot.edges.markets import ShopMarkets
from bot.edges.markets.keys import Slot
from bot.edges.markets.pauses import Pauses
from bot.edges.markets.resolve import Resolver
from bot.edges.store import SqlStore
from bot.settings import Settings
from checks import token_expiry
from demo.telegram import ANN as ANN_ID
from demo.telegram import Emulator
from tests.checks.fakes import FakeMemory, FakeServices, FakeWeb
from tests.conftest import NOON, Clock
from tests.edges.telegram.office import Office, at_work
from tests.fakes import FakeShop
from tests.machine import ports
from tests.wb_tokens import wb_token

ENDS = NOON + timedelta(days=31)
STEP = timedelta(hours=12)
ANN = Person(id=ANN_ID, name="Ann")
STEPS_DAYS = [30, 14, 7, 3, 1]


@dataclass
class Month:
    """The last month of a token, rounds and a tick twice a day."""

    office: Office
    watch: Watch
    clock: Clock
    told: int = 0

    async def until(self, days_left: float) -> list[tuple[float, str]]:
        """Live on; return what rang meanwhile: days before the end, and the first line."""
        heard = []
        while self.clock() < ENDS - timedelta(days=days_left):
            self.clock.forward(seconds=STEP.total_seconds())
            heard += await self.look()
        return heard

    async def look(self) -> list[tuple[float, str]]:
        for _ in range(2):  # a step is told once, not once a round
            await self.watch.round(self.office.book.runbooks["check_token_expiry"])
        await self.office.tick()
        await self.office.deliver()
        new = [one for one in await self.office.chat() if one["message_id"] > self.told]
        self.told = max([self.told, *(one["message_id"] for one in new)])
        left = (ENDS - self.clock()) / timedelta(days=1)
        return [(left, one["text"].splitlines()[0]) for one in new if not one["silent"]]


@pytest.fixture
async def month(
    book: Book, emulator: Emulator, store: SqlStore, clock: Clock
) -> AsyncIterator[Month]:
    slot = Slot(
        name="WB_STATS_TOKEN",
        market=Market.WILDBERRIES,
        secret=wb_token(ENDS),
        opens=(Category.STATISTICS,),
    )
    memory = FakeMemory()
    markets = ShopMarkets([slot], pauses=Pauses(memory), clock=clock, resolver=Resolver())
    runbook = token_expiry.runbook(token_expiry.Config())
    lowest = Settings.model_fields["alert_min_severity"].default
    book = replace(
        book,
        runbooks={runbook.name: runbook},
        policy=replace(book.policy, min_severity=lowest),
    )
    tools = Tools(
        shop=FakeShop(),
        web=FakeWeb(),
        services=FakeServices(),
        memory=memory,
        markets=markets,
        **ports(),
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(markets.aclose)
        office = await stack.enter_async_context(at_work(store, book, runbook, clock, emulator))
        watch = Watch(store=store, tools=tools, book=book, clock=clock, wake=lambda: None)
        yield Month(office, watch, clock)


def steps(heard: list[tuple[float, str]]) -> list[int]:
    """At how many days a card or a notice of a step rang; reminders and escalations aside."""
    starts = ("🟡", "⏳ Still", "⬆️ It got worse")
    return [round(left) for left, line in heard if line.startswith(starts)]


async def takes(month: Month) -> None:
    def take(tx: Tx) -> None:
        alert = tx.alerts.get(1)
        assert alert is not None
        said = desk_alerts.acknowledge(Hand(tx, month.office.book, ANN, month.clock()), alert)
        assert not said.loud

    await month.office.store.write(take)


async def test_each_of_the_five_steps_rings_once_with_the_settings_as_they_come(
    month: Month,
) -> None:
    assert await month.until(30.5) == []
    heard = await month.until(0.5)
    assert steps(heard) == STEPS_DAYS, heard
    others = [line for left, line in heard if left > 3 and not steps([(left, line)])]
    assert all(line.startswith(("⏰", "🚨")) for line in others), others
    assert len(others) <= 2 * 3  # nobody came: a reminder and an escalation after each of three
    assert [line for _, line in await month.until(0)] == [
        "⬆️ It got worse: critical, it was error."
    ]


async def test_whoever_took_it_hears_the_next_steps_and_nothing_between_them(
    month: Month,
) -> None:
    assert steps(await month.until(30)) == [30]
    await takes(month)
    heard = await month.until(3.5)
    assert [round(left) for left, _ in heard] == [14, 7], heard
    heard = await month.until(0.5)
    assert steps(heard) == [3, 1], heard
    assert any(line.startswith("⏰") for _, line in heard), "an error is no longer only to come"


async def test_a_step_in_a_silence_is_told_at_its_end(month: Month) -> None:
    await month.until(30)
    await takes(month)
    assert await month.until(14.5) == []
    now = month.clock()
    silence = Silence(
        id=0,
        check=None,
        subject=None,
        severity=Severity.CRITICAL,
        by_name="Ann",
        why="",
        created_at=now,
        until=now + timedelta(hours=30),
        maintenance=True,
    )
    await month.office.store.write(lambda tx: tx.silences.add(silence))
    assert await month.until(13.5) == []
    [(_, line)] = await month.until(13)
    assert line == "🔔 The silence is over, and this still holds:"
    assert steps(await month.until(6)) == [7]
