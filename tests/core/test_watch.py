"""Rounds, from what a check sees to what the tables say."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import series
from bot.core.book import Book
from bot.core.detectors import Detectors
from bot.core.model import (
    Severity,
    Source,
    State,
    Status,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.records import PostKind, RunState
from bot.core.runbook import Runbook
from bot.core.watch import Blind, Watch
from bot.edges.store import SqlStore
from bot.edges.tasks import Tasks
from tests import fakes
from tests.conftest import ADMINS, TEAM, Clock

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)
WELL = ok("shop database", **fakes.SLIM)
LOCKED = Unreadable(phrase("shop_locked", path="shop.db"), Source.SHOP_DATABASE)


class Ward:
    """One check and the tables it fills."""

    def __init__(self, store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> None:
        self.world = fakes.World()
        self.store = store
        self.runbook = runbook
        self.rung = 0
        self.watch = Watch(
            store=store, tools=fakes.tools(self.world), book=book, clock=clock, wake=self._ring
        )

    def _ring(self) -> None:
        self.rung += 1

    async def sees(self, *readings: object) -> None:
        [first, *_] = readings
        seen = first if isinstance(first, Exception | tuple) else readings
        self.world.readings = seen  # type: ignore[assignment]
        await self.watch.round(self.runbook)

    async def alerts(self) -> list[tuple[str, State]]:
        found = await self.store.read(lambda tx: tx.alerts.open())
        return [(alert.check, alert.state) for alert in found]

    async def kept(self, fact: str, clock: Clock) -> list[series.Stretch]:
        name = series.name_of(self.runbook.name, fact)
        span = {"since": clock.now - timedelta(hours=1), "until": clock.now + timedelta(hours=1)}
        return list(
            await self.store.read(
                lambda tx: tx.series.stretches(name, "shop database", **span, seconds=60)
            )
        )

    async def cards(self, alert_id: int) -> list[int]:
        posts = await self.store.read(lambda tx: tx.posts.of_alert(alert_id))
        return [post.chat_id for post in posts if post.kind is PostKind.CARD]


@pytest.fixture
def ward(store: SqlStore, book: Book, runbook: Runbook, clock: Clock) -> Ward:
    return Ward(store, book, runbook, clock)


async def test_an_alert_opens_with_its_cards_and_resolves_with_its_proof(ward: Ward) -> None:
    await ward.sees(SICK)
    assert await ward.alerts() == [("check_db_growth", State.FIRING)]
    assert await ward.cards(1) == [TEAM.chat]
    assert ward.rung == 1

    await ward.sees(WELL)
    assert await ward.alerts() == []
    alert = await ward.store.read(lambda tx: tx.alerts.get(1))
    assert alert is not None
    assert alert.proof == fakes.SLIM


async def test_a_critical_alert_goes_to_the_admin_chat_too(ward: Ward) -> None:
    await ward.sees(fires("cash", Severity.CRITICAL))
    assert await ward.cards(1) == [TEAM.chat, ADMINS.chat]


async def test_an_alert_that_turns_critical_reaches_the_admin_chat_then(ward: Ward) -> None:
    await ward.sees(SICK)
    await ward.sees(fires("shop database", Severity.CRITICAL, **fakes.FULL))
    assert await ward.cards(1) == [TEAM.chat, ADMINS.chat]


async def test_what_is_below_the_minimum_severity_is_kept_and_not_sent(ward: Ward) -> None:
    await ward.sees(fires("shop database", Severity.INFO))
    assert await ward.alerts() == [("check_db_growth", State.FIRING)]
    assert await ward.cards(1) == []


@pytest.mark.parametrize(
    "blind",
    [
        LOCKED,
        ZeroDivisionError(),
        unknown("shop database", phrase("shop_locked", path="x")),
        unknown("all of it", phrase("shop_locked", path="x")),
        (),
    ],
    ids=["unreadable", "a bug", "an unknown reading", "one of all together", "no reading"],
)
async def test_a_blind_round_resolves_nothing_and_is_never_ok(ward: Ward, blind: object) -> None:
    await ward.sees(SICK)
    await ward.sees(blind)
    assert await ward.alerts() == [("check_db_growth", State.FIRING)]
    state = await ward.store.read(lambda tx: tx.checks.get("check_db_growth"))
    assert state is not None
    assert state.status is Status.UNKNOWN


async def test_a_check_that_stays_blind_is_an_alert_for_the_admins(ward: Ward) -> None:
    await ward.sees(LOCKED)
    await ward.sees(LOCKED)
    assert await ward.alerts() == []
    await ward.sees(LOCKED)
    assert await ward.alerts() == [("check_unknown", State.FIRING)]
    assert await ward.cards(1) == [ADMINS.chat]

    await ward.sees(WELL)
    assert await ward.alerts() == []


async def test_looks_between_the_rounds_bring_that_alert_no_earlier(ward: Ward) -> None:
    """Somebody who runs the checks again and again sees the same trouble, not a longer one."""
    ward.world.readings = LOCKED
    for _ in range(5):
        await ward.watch.round(ward.runbook, extra=True)
    assert await ward.alerts() == []
    await ward.sees(LOCKED)
    await ward.sees(LOCKED)
    await ward.watch.round(ward.runbook, extra=True)
    assert await ward.alerts() == []
    await ward.sees(LOCKED)
    assert await ward.alerts() == [("check_unknown", State.FIRING)]
    await ward.watch.round(ward.runbook, extra=True)
    assert await ward.alerts() == [("check_unknown", State.FIRING)]
    ward.world.readings = [WELL]
    await ward.watch.round(ward.runbook, extra=True)
    assert await ward.alerts() == []


async def test_a_look_between_the_rounds_that_sees_begins_the_count_anew(ward: Ward) -> None:
    await ward.sees(LOCKED)
    await ward.sees(LOCKED)
    ward.world.readings = [WELL]
    await ward.watch.round(ward.runbook, extra=True)
    await ward.sees(LOCKED)
    await ward.sees(LOCKED)
    assert await ward.alerts() == []


async def test_all_checks_run_by_somebody_are_such_looks(ward: Ward) -> None:
    ward.world.readings = LOCKED
    tasks = Tasks()
    books = {ward.runbook.name: ward.runbook}
    watch = replace(ward.watch, book=replace(ward.watch.book, runbooks=books))
    detectors = Detectors(watch=watch, start=tasks.start)
    for _ in range(5):
        [looked] = (await detectors.run()).rounds
        assert looked.status is Status.UNKNOWN
    assert await ward.alerts() == []
    await tasks.close()


async def test_a_subject_that_stays_unseen_is_one_too_whatever_else_fires(ward: Ward) -> None:
    """A database that is large for months must not hide that a disk cannot be seen."""
    for _ in range(3):
        assert await ward.alerts() in ([], [("check_db_growth", State.FIRING)])
        await ward.sees(SICK, unknown("disk /var", phrase("disk_unseen")))
    assert await ward.alerts() == [
        ("check_unknown", State.FIRING),
        ("check_db_growth", State.FIRING),
    ]
    alert = await ward.store.read(lambda tx: tx.alerts.get(2))
    assert alert is not None
    assert (alert.subject, alert.facts["unseen"]) == ("check_db_growth", ["disk /var"])

    await ward.sees(SICK, ok("disk /var"))
    assert await ward.alerts() == [("check_db_growth", State.FIRING)]


async def test_idleness_is_never_an_alert(ward: Ward) -> None:
    idle = unknown("web API", phrase("unknown_reason"), idle=True)
    for _ in range(5):
        await ward.sees(idle)
    assert await ward.alerts() == []
    await ward.sees(unknown("web API", phrase("unknown_reason")))  # the first that counts
    assert await ward.alerts() == []


async def test_a_missing_table_blinds_its_check_by_name(ward: Ward) -> None:
    shop = ward.watch.tools.shop
    assert isinstance(shop, fakes.FakeShop)
    shop.missing = "daily_sales"
    seen = await ward.watch.round(ward.runbook)
    assert isinstance(seen, Blind)
    assert seen.why.why == phrase("shop_missing_column", column="daily_sales")


async def test_a_check_that_hangs_is_unknown(ward: Ward) -> None:
    async def hang(_tools: object, _moment: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    watch = Watch(
        store=ward.store,
        tools=ward.watch.tools,
        book=ward.watch.book,
        clock=ward.watch.clock,
        wake=ward.watch.wake,
        timeout=timedelta(seconds=0.01),
    )
    seen = await watch.look(fakes.runbook(detect=hang))
    assert isinstance(seen, Blind)
    assert seen.why.why.key == "round_too_slow"


async def test_the_same_trouble_soon_after_speaks_on_its_old_card(
    ward: Ward, clock: Clock
) -> None:
    await ward.sees(SICK)
    await ward.sees(WELL)
    clock.forward(minutes=4)
    await ward.sees(SICK)
    alert = await ward.store.read(lambda tx: tx.alerts.get(1))
    assert alert is not None
    assert (alert.state, alert.times) == (State.FIRING, 2)
    assert await ward.cards(1) == [TEAM.chat]


async def test_the_same_trouble_much_later_is_a_new_alert(ward: Ward, clock: Clock) -> None:
    await ward.sees(SICK)
    await ward.sees(WELL)
    clock.forward(minutes=6)
    await ward.sees(SICK)
    assert await ward.cards(2) == [TEAM.chat]


async def test_the_same_numbers_again_ask_for_no_edit(ward: Ward) -> None:
    await ward.sees(SICK)
    before = await ward.store.read(lambda tx: tx.alerts.get(1))
    await ward.sees(SICK)
    assert await ward.store.read(lambda tx: tx.alerts.get(1)) == before


async def test_every_change_is_a_row_of_history(ward: Ward) -> None:
    await ward.sees(SICK)
    await ward.sees(fires("shop database", Severity.ERROR, **fakes.FULL))
    await ward.sees(WELL)
    history = await ward.store.read(lambda tx: tx.alerts.history(1))
    assert [entry.event for entry in history] == ["opened", "severity", "resolved"]


async def test_nothing_runs_by_itself_where_that_is_switched_off(ward: Ward) -> None:
    await ward.sees(SICK)
    assert await ward.store.read(lambda tx: tx.runs.in_state(RunState.REQUESTED)) == []


async def test_each_round_keeps_how_it_went_and_its_numbers(ward: Ward, clock: Clock) -> None:
    ward.runbook = replace(ward.runbook, keeps=("total_bytes", "cause", "nothing"))
    for seen in (WELL, SICK, LOCKED, unknown("shop database", phrase("x"))):
        await ward.sees(seen)
        clock.forward(minutes=5)
    kept = await ward.kept("status", clock)
    assert [(one.known, one.mean) for one in kept] == [(1, 1.0), (1, 0.0), (0, None), (0, None)]
    sizes = [one.mean for one in await ward.kept("total_bytes", clock)]
    assert sizes == [3_100_000_000, 5_600_000_000]
    assert await ward.kept("cause", clock) == []  # a word is no number


async def test_a_blind_first_round_knows_no_subject_to_be_unknown(
    ward: Ward, clock: Clock
) -> None:
    await ward.sees(LOCKED)
    assert await ward.kept("status", clock) == []
