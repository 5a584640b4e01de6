"""Checks that hang are alerts of their own, decided without them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.book import Book
from bot.core.heartbeat import Pulse
from bot.core.model import Severity, State, Unreadable, fires, ok, phrase
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Watch
from bot.edges.bounded import Bounded
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import Clock

GROWTH, CASH = "check_db_growth", "check_cash_balance_threshold"
WELL = ok("shop database", **fakes.SLIM)


class Monotonic:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Monotonic:
    return Monotonic()


@pytest.fixture
def pulse(seconds: Monotonic) -> Pulse:
    return Pulse(every={GROWTH: 300, CASH: 300}, limit=30, clock=seconds)


def test_a_check_is_late_after_three_of_its_intervals(pulse: Pulse, seconds: Monotonic) -> None:
    seconds.now += 10
    pulse.beat(GROWTH)
    seconds.now += 891
    assert pulse.late() == [CASH]
    seconds.now += 10
    assert pulse.late() == [CASH, GROWTH]
    pulse.beat(CASH)
    assert pulse.late() == [GROWTH]


def test_a_round_that_uses_all_of_its_time_is_not_late(seconds: Monotonic) -> None:
    pulse = Pulse(every={GROWTH: 1}, limit=30, clock=seconds)
    seconds.now += 31
    assert pulse.late() == []
    seconds.now += 6
    assert pulse.late() == [GROWTH]


def test_a_round_of_all_is_complete_when_the_last_of_them_is(
    pulse: Pulse, seconds: Monotonic
) -> None:
    began = seconds.now
    seconds.now += 1
    pulse.beat(GROWTH)
    assert not pulse.complete_since(began)
    assert pulse.unseen() == [CASH]
    pulse.beat(CASH)
    assert pulse.complete_since(began)
    assert not pulse.complete_since(seconds.now)


class Ward:
    """Two checks on one store; the second one may hang."""

    def __init__(
        self, store: SqlStore, book: Book, clock: Clock, pulse: Pulse, bound: Bounded
    ) -> None:
        self.store, self.pulse = store, pulse
        self.hangs = False
        self.stubborn = False
        self.freed = asyncio.Event()
        self.world = fakes.World(readings=[WELL])
        self.growth = book.runbooks[GROWTH]
        self.cash = fakes.runbook(name=CASH, detect=self._detect, needs={})
        self.book = replace(book, runbooks={GROWTH: self.growth, CASH: self.cash})
        self.watch = Watch(
            store=store,
            tools=fakes.tools(self.world),
            book=self.book,
            clock=clock,
            wake=lambda: None,
            timeout=timedelta(seconds=0.01),
            pulse=pulse,
            bound=bound,
        )

    async def _detect(self, _tools: object, _moment: object) -> list[object]:
        while self.hangs:
            try:
                await self.freed.wait()
            except asyncio.CancelledError:
                if not self.stubborn:
                    raise
            else:
                break
        return [ok("cash")]

    async def open(self) -> list[tuple[str, str]]:
        alerts = await self.store.read(lambda tx: tx.alerts.open())
        return [(alert.check, alert.subject) for alert in alerts]


@pytest.fixture
def ward(store: SqlStore, book: Book, clock: Clock, pulse: Pulse) -> Ward:
    return Ward(store, book, clock, pulse, Bounded(grace=0.01, most=2))


async def test_a_check_that_hangs_is_an_alert_by_name(ward: Ward, seconds: Monotonic) -> None:
    await ward.watch.round(ward.cash)
    seconds.now += 901
    await ward.watch.round(ward.growth)
    assert await ward.open() == [("check_unknown", CASH)]
    [alert] = await ward.store.read(lambda tx: tx.alerts.open())
    assert alert.severity is Severity.ERROR
    assert alert.facts["why"] == {"key": "round_overdue", "values": {"rounds": 3}}


async def test_it_is_an_alert_without_a_round_of_any_check(ward: Ward, seconds: Monotonic) -> None:
    seconds.now += 901
    await ward.watch.judge_sight()
    await ward.watch.judge_sight()
    assert await ward.open() == [("check_unknown", CASH), ("check_unknown", GROWTH)]


async def test_the_alert_is_over_when_the_check_completes_a_round(
    ward: Ward, seconds: Monotonic
) -> None:
    seconds.now += 901
    await ward.watch.judge_sight()
    await ward.watch.round(ward.growth)
    assert await ward.open() == [("check_unknown", CASH)]
    await ward.watch.round(ward.cash)
    assert await ward.open() == []


async def test_a_restart_does_not_end_it_before_the_check_has_looked(
    ward: Ward, seconds: Monotonic
) -> None:
    await ward.watch.round(ward.cash)
    seconds.now += 901
    await ward.watch.round(ward.growth)
    fresh = Pulse(every=ward.pulse.every, limit=30, clock=seconds)
    again = replace(ward.watch, pulse=fresh)
    await again.round(ward.growth)
    assert await ward.open() == [("check_unknown", CASH)]
    await again.round(ward.cash)
    assert await ward.open() == []


async def test_a_check_that_ignores_its_time_limit_stops_nobody(ward: Ward) -> None:
    ward.hangs = ward.stubborn = True
    seen = await ward.watch.round(ward.cash)
    assert isinstance(seen, Blind)
    assert seen.why.why.key == "round_too_slow"
    assert await ward.watch.round(ward.growth) == [WELL]

    ward.hangs = False
    assert await ward.watch.round(ward.cash) == [ok("cash")]
    ward.freed.set()


async def test_no_more_than_a_few_of_them_pile_up(ward: Ward) -> None:
    ward.hangs = ward.stubborn = True
    for _ in range(2):
        await ward.watch.round(ward.cash)
    seen = await ward.watch.round(ward.cash)
    assert isinstance(seen, Blind)
    assert seen.why.why == phrase("round_failed", error="WorkStuckError")
    ward.freed.set()
    await asyncio.sleep(0.01)  # the abandoned ones end
    assert await ward.watch.round(ward.cash) == [ok("cash")]


async def test_a_check_that_cancels_itself_is_blind_and_looks_again(
    ward: Ward, runbook: Runbook
) -> None:
    async def cancels(_tools: object, _moment: object) -> list[object]:
        raise asyncio.CancelledError

    odd = replace(runbook, name=CASH, detect=cancels)  # type: ignore[arg-type]  # never returns
    seen = await ward.watch.round(odd)
    assert isinstance(seen, Blind)
    assert seen.why.why == phrase("round_failed", error="WorkCancelledError")


async def test_what_a_check_raises_arrives_unchanged(ward: Ward) -> None:
    ward.world.readings = Unreadable(phrase("shop_locked", path="x"))
    seen = await ward.watch.round(ward.growth)
    assert isinstance(seen, Blind)
    assert seen.why.why.key == "shop_locked"


async def test_an_alert_of_a_hanging_check_stays_open(ward: Ward, seconds: Monotonic) -> None:
    ward.world.readings = [fires("shop database", Severity.WARNING, **fakes.FULL)]
    await ward.watch.round(ward.growth)
    seconds.now += 901
    await ward.watch.judge_sight()
    [alert] = await ward.store.read(lambda tx: tx.alerts.open(GROWTH))
    assert alert.state is State.FIRING
