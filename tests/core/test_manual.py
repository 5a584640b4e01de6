"""An alert that people make: answered like any other, closed by hand only."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import checks
from bot import remediations
from bot.core import desk_alerts, desk_manual, manual
from bot.core.book import Book
from bot.core.model import Alert, Person, Severity, State, Status, fires
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.records import CheckState, PostKind
from bot.core.rounds import Round
from bot.core.ticks import tick
from bot.edges.cards import Cards
from bot.edges.store import SqlStore
from bot.edges.templates import Templates, plain
from tests.conftest import NOON, TEAM, Clock

ANN, BORIS = Person(id=7, name="Ann"), Person(id=8, name="Boris <b>")
SLOW = fires(
    "web API",
    Severity.WARNING,
    p95_ms=2340.0,
    at_least=False,
    threshold_ms=1200.0,
    requests=99,
    slowest=[{"endpoint": "GET /pnl", "p95_ms": 4200.0, "requests": 9, "at_least": False}],
)


@pytest.fixture
def book(book: Book) -> Book:
    return replace(book, runbooks=checks.load({}), remediations=remediations.load())


def seen(tx: Tx, status: Status = Status.FIRING) -> None:
    readings = (SLOW,)
    state = CheckState(
        name=manual.LATENCY, status=status, since=NOON, round_at=NOON, readings=readings
    )
    tx.checks.save(state)


async def complain(  # noqa: PLR0913, PLR0917  # a complaint is all of these
    store: SqlStore, book: Book, clock: Clock, text: str = "", key: str = "1", who: Person = ANN
) -> Alert:
    def work(tx: Tx) -> Alert:
        return desk_manual.complain(Hand(tx, book, who, clock()), text, key)

    return await store.write(work)


async def test_it_is_told_with_what_the_check_last_saw(
    store: SqlStore, book: Book, clock: Clock
) -> None:
    await store.write(seen)
    made = await complain(store, book, clock, "  the stocks\npage hangs ")
    assert (made.check, made.severity, made.state) == (
        "check_manual",
        Severity.WARNING,
        State.FIRING,
    )
    assert made.facts["p95_ms"] == 2340
    assert made.facts["said"] == "the stocks page hangs"
    assert made.remind_at == NOON + timedelta(hours=1)
    posts = await store.read(lambda tx: list(tx.posts.of_alert(made.id)))
    assert [(post.kind, post.chat_id) for post in posts] == [(PostKind.CARD, TEAM.chat)]


@pytest.mark.parametrize("status", [Status.UNKNOWN, None])
async def test_a_check_that_saw_nothing_lends_no_figures(
    store: SqlStore, book: Book, clock: Clock, status: Status | None
) -> None:
    if status is not None:
        await store.write(lambda tx: seen(tx, status))
    made = await complain(store, book, clock)
    assert (made.facts["p95_ms"], made.facts["seen_at"]) == (None, None)


async def test_more_people_add_to_it_and_one_message_counts_once(
    store: SqlStore, book: Book, clock: Clock
) -> None:
    first = await complain(store, book, clock, key="1")
    await complain(store, book, clock, key="1")
    clock.forward(seconds=5)
    second = await complain(store, book, clock, "me too", "2", BORIS)
    await complain(store, book, clock, "still", "3", BORIS)
    assert second.id == first.id
    alert = await store.read(lambda tx: tx.alerts.get(first.id))
    assert alert is not None
    assert alert.facts["people"] == ["Ann", "Boris <b>"]
    assert alert.facts["said"] == "still"
    notes = await store.read(
        lambda tx: [one.who for one in tx.alerts.history(first.id) if one.event == "note"]
    )
    assert notes == ["Ann", "Boris <b>", "Boris <b>"]
    assert len(await store.read(lambda tx: list(tx.posts.of_alert(first.id)))) == 1


async def test_only_a_hand_closes_it(store: SqlStore, book: Book, clock: Clock) -> None:
    made = await complain(store, book, clock)
    latency = book.runbooks[manual.LATENCY]
    well = replace(SLOW, status=Status.OK)
    await store.write(lambda tx: Round(tx, book, latency, clock()).settle([well]))
    await store.write(lambda tx: tick(tx, book, clock()))

    def state(tx: Tx) -> State:
        found = tx.alerts.get(made.id)
        assert found is not None
        return found.state

    assert await store.read(state) is State.FIRING

    def close(tx: Tx) -> Any:  # noqa: ANN401  # what was said
        found = tx.alerts.get(made.id)
        assert found is not None
        return desk_alerts.resolve(Hand(tx, book, BORIS, clock()), found)

    assert (await store.write(close)).text.key == "closed"
    assert await store.read(state) is State.RESOLVED
    clock.forward(hours=1)
    again = await complain(store, book, clock, key="9")
    assert again.id != made.id


async def test_its_card_reads_well(store: SqlStore, book: Book, clock: Clock) -> None:
    await store.write(seen)
    await complain(store, book, clock, "the <i>stocks</i> page hangs")
    made = await complain(store, book, clock, "here too", "2", BORIS)
    cards = Cards(templates=Templates(zone=book.policy.zone, clock=clock), book=book)
    [post] = await store.read(lambda tx: list(tx.posts.of_alert(made.id)))
    page = await store.read(lambda tx: cards.page(tx, post, clock()))
    lines = plain(page.text).replace("\N{NARROW NO-BREAK SPACE}", " ").splitlines()
    assert lines[:6] == [
        "🟡 People say that the dashboard is slow (2 reports)",
        "Reported by Ann, Boris <b>",
        "“here too”",
        "Web API p95 2 340 ms of at most 1 200 ms, seen at 15:00",
        "Slowest GET /pnl: 4 200 ms, 9×",
        "No check sees this: when it is over, close it by hand with /resolve.",
    ]
    labels = [key.label for row in page.keys for key in row]
    assert labels == [
        "Web API",
        "Check WB/Ozon",
        "Acknowledge",
        "Silence 1h",
        "More…",
        "Diagnose",
        "Runbook",
        "Steps",
    ]
