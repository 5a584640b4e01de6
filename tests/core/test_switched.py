"""A check that is switched off: it never looks, and nobody takes that for well or for unknown."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core import sight, switched
from bot.core.book import Book
from bot.core.model import (
    Alert,
    Moment,
    Reading,
    Severity,
    Source,
    State,
    Status,
    Unreadable,
    fires,
    phrase,
)
from bot.core.records import Post
from bot.core.rounds import waiting_key
from bot.core.runbook import Runbook
from bot.core.tools import Tools
from bot.core.watch import Off, Watch
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from tests import fakes
from tests.conftest import Clock

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
LOCKED = Unreadable(phrase("shop_locked", path="shop.db"), Source.SHOP_DATABASE)
OTHER = "check_cash_balance_threshold"


class Shop:
    """One check that may be switched, another one beside it."""

    def __init__(self, store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> None:
        self.world = fakes.World(readings=[SICK])
        self.store, self.clock, self.name = store, clock, runbook.name
        runbooks = {runbook.name: runbook, OTHER: replace(runbook, name=OTHER)}
        self.book = replace(book, runbooks=runbooks)

    def switch(self, name: str, *, enabled: bool) -> None:
        switched_one = replace(self.book.runbooks[name], enabled=enabled)
        self.book = replace(self.book, runbooks={**self.book.runbooks, name: switched_one})

    async def start(self) -> int:
        return await self.store.write(lambda tx: switched.close(tx, self.book, self.clock()))

    async def round(self, name: str) -> object:
        watch = Watch(
            store=self.store,
            tools=fakes.tools(self.world),
            book=self.book,
            clock=self.clock,
            wake=lambda: None,
        )
        return await watch.round(self.book.runbooks[name])

    async def alerts(self) -> list[Alert]:
        return list(await self.store.read(lambda tx: tx.alerts.newest(9)))

    async def posts(self) -> Sequence[Post]:
        return await self.store.read(lambda tx: tx.posts.of_alert(1))


@pytest.fixture
def shop(store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> Shop:
    return Shop(store, book, runbook, clock)


async def test_it_has_no_rounds(shop: Shop) -> None:
    shop.switch(shop.name, enabled=False)
    assert await shop.round(shop.name) == Off()
    assert await shop.alerts() == []
    assert await shop.store.read(lambda tx: tx.checks.get(shop.name)) is None
    assert set(shop.book.watched) == {OTHER}


async def test_what_was_open_is_closed_and_does_not_say_that_it_healed(
    shop: Shop, clock: Clock
) -> None:
    await shop.round(shop.name)
    [alert] = await shop.alerts()
    taken = replace(alert, state=State.ACKNOWLEDGED, acknowledged_by="Ann <&>", acknowledged_id=7)
    await shop.store.write(lambda tx: tx.alerts.save(taken))
    shop.switch(shop.name, enabled=False)
    clock.forward(minutes=5)
    assert await shop.start() == 1
    [alert] = await shop.alerts()
    assert (alert.state, alert.proof) == (State.RESOLVED, {"switched_off": True})
    templates = Templates(zone=shop.book.policy.zone, clock=clock)
    cards = Cards(templates=templates, book=shop.book)
    card = await shop.store.read(lambda tx: cards.alert_card(tx, alert, clock()))
    assert plain(card).startswith("⏹ No longer watched, its check is switched off. It was: ")
    assert "✅" not in card
    [notice] = [one for one in await shop.posts() if one.template]
    text = templates.render(str(notice.template), alert=alert)
    assert "Ann &lt;&amp;&gt;" in text
    assert "✅" not in text
    assert await shop.start() == 0  # at the next start there is nothing to close


async def test_what_it_saw_is_forgotten(shop: Shop, clock: Clock) -> None:
    await shop.round(shop.name)
    key = waiting_key(shop.book.runbooks[shop.name])
    await shop.store.write(lambda tx: tx.remember(key, {"old disk": clock().isoformat()}, clock()))
    shop.switch(shop.name, enabled=False)
    await shop.start()
    assert await shop.store.read(lambda tx: tx.checks.get(shop.name)) is None
    assert not await shop.store.read(lambda tx: tx.recall(key))


async def test_the_others_know_which_are_off(shop: Shop) -> None:
    seen: list[Moment] = []

    async def look(_tools: Tools, at: Moment) -> list[Reading]:
        seen.append(at)
        return []

    other = replace(shop.book.runbooks[OTHER], detect=look)
    shop.book = replace(shop.book, runbooks={**shop.book.runbooks, OTHER: other})
    await shop.round(OTHER)
    shop.switch(shop.name, enabled=False)
    await shop.round(OTHER)
    assert [set(at.off) for at in seen] == [set(), {shop.name}]


async def test_the_alerts_of_others_stay(shop: Shop) -> None:
    await shop.round(OTHER)
    shop.switch(shop.name, enabled=False)
    assert await shop.start() == 0
    assert [one.state for one in await shop.alerts()] == [State.FIRING]
    assert await shop.store.read(lambda tx: tx.checks.get(OTHER)) is not None


async def test_switched_on_again_what_still_fires_is_back_on_its_card(
    shop: Shop, clock: Clock
) -> None:
    await shop.round(shop.name)
    shop.switch(shop.name, enabled=False)
    await shop.start()
    clock.forward(minutes=1)
    shop.switch(shop.name, enabled=True)
    assert await shop.start() == 0
    await shop.round(shop.name)
    [alert] = await shop.alerts()
    assert (alert.state, alert.times) == (State.FIRING, 2)


@pytest.mark.parametrize("both", [False, True])
async def test_that_it_could_not_see_ends_with_the_last_that_was_blind(
    shop: Shop, *, both: bool
) -> None:
    shop.world.readings = LOCKED
    for _ in range(shop.book.policy.unknown_rounds):
        await shop.round(shop.name)
        await shop.round(OTHER)
    [blind] = await shop.alerts()
    assert (blind.check, blind.state) == (sight.NAME, State.FIRING)
    shop.switch(shop.name, enabled=False)
    if both:
        shop.switch(OTHER, enabled=False)
    await shop.start()
    [blind] = await shop.alerts()
    assert blind.proof == ({"switched_off": True} if both else {})
    if not both:
        assert await shop.round(OTHER) is not None
        [blind] = await shop.alerts()
        assert (blind.state, blind.facts["checks"]) == (State.FIRING, [OTHER])
        state = await shop.store.read(lambda tx: tx.checks.get(OTHER))
        assert state is not None
        assert state.status is Status.UNKNOWN
