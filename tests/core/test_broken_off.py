"""A remediation that trips over something of our own is reported, and frees its target."""

import sqlite3

import pytest

from bot.core.book import Book
from bot.core.records import Run, RunState
from bot.core.runbook import Runbook
from bot.core.runner import Runner
from bot.edges.store import SqlStore
from tests.conftest import ADMINS, TEAM, Clock
from tests.core.test_runner import Room


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
