"""A remediation that trips over something of our own is reported, and frees its target."""

import sqlite3
from dataclasses import replace

import pytest

from bot.core import ending
from bot.core.book import Book
from bot.core.model import Severity, fires, phrase
from bot.core.ports import Tx
from bot.core.records import PostKind, Run, RunState
from bot.core.runbook import Runbook
from bot.core.runner import Runner
from bot.core.verbs import Verb
from bot.edges.cards import Cards, Page
from bot.edges.store import SqlStore
from bot.edges.templates import Templates
from tests.conftest import ADMINS, TEAM, Clock
from tests.core.test_runner import Room
from tests.core.trace import Day
from tests.fakes import FULL

VACUUM = "remediate_vacuum_db"


async def test_a_verdict_that_cannot_be_saved_leaves_no_locked_target(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(store, book, runbook, clock)
    await room.watch.round(runbook)

    async def full(_runner: Runner, _run: Run, _state: RunState) -> None:
        raise sqlite3.OperationalError("database is locked")

    await room.ask()
    await room.confirm()
    monkeypatch.setattr(Runner, "_conclude", full)
    await room.work()
    assert room.world.done == ["vacuum"]
    assert (await room.run()).state is RunState.INTERRUPTED
    assert await store.read(lambda tx: tx.runs.active_on("shop database")) is None
    assert await room.notices() == [TEAM.chat, ADMINS.chat]


@pytest.mark.parametrize("decided", [False, True])
async def test_what_another_release_was_asked_for_is_refused(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock, *, decided: bool
) -> None:
    """Between question and deed came an update that calls the action otherwise."""
    room = Room(store, book, runbook, clock)
    await room.watch.round(runbook)
    await room.press(await room.token(Verb.DO, VACUUM))
    if decided:
        await room.work()
        await room.confirm()
    room.runner = replace(room.runner, book=replace(book, remediations={}))
    await room.work()
    run = await room.run()
    assert (run.state, run.why) == (RunState.REFUSED, phrase("action_gone", action=VACUUM))
    assert room.world.done == []
    assert await store.read(lambda tx: tx.runs.active_on("shop database")) is None


async def test_what_another_release_has_done_spoils_no_card(
    store: SqlStore, book: Book, runbook: Runbook, clock: Clock
) -> None:
    room = Room(store, book, runbook, clock)
    await room.watch.round(runbook)
    await room.ask()
    await room.confirm()
    await room.work()
    rest = replace(book, runbooks={runbook.name: replace(runbook, remediations=())})
    templates = Templates(zone=book.policy.zone, clock=clock)
    cards = Cards(templates=templates, book=replace(rest, remediations={}))

    def look(tx: Tx) -> Page:
        card = next(one for one in tx.posts.of_alert(1) if one.kind is PostKind.CARD)
        return cards.page(tx, card, clock())

    page = await store.read(look)
    assert "The database is" in page.text
    assert page.keys[0][0].verb is Verb.ACKNOWLEDGE


async def test_of_an_alert_among_many_it_is_told_under_their_message(day: Day) -> None:
    """It has no card of its own, and the admins are shown the same message."""
    day.policy(admin_chat=TEAM)
    await day.sees(*(fires(f"t{number}", Severity.ERROR, **FULL) for number in range(12)))
    [storm] = await day.store.read(lambda tx: tx.posts.digests_of(1))
    now = day.clock()
    run = Run(
        id=0,
        key="x",
        action=VACUUM,
        target="shop database",
        state=RunState.RUNNING,
        asked_at=now,
        asked_name="SoVAni Ops",
        alert_id=1,
    )

    def fail(tx: Tx) -> None:
        made = tx.runs.add(run)
        assert made is not None
        ending.finish(tx, day.book, made, RunState.FAILED, now, why=phrase("interrupted"))

    await day.write(fail)
    [notice] = await day.posts()
    assert (notice.reply_to, notice.context) == (storm.id, {"run": 1, "what": None})
    assert notice.template == "notices/run_trouble.html.j2"
