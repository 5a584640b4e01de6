"""Telling the admins: done means that somebody was really told, this time."""

from dataclasses import replace

import pytest

from bot.core.book import Book
from bot.core.model import Severity, fires
from bot.core.notifier import AdminNotifier
from bot.core.records import PostState
from bot.core.runbook import ActionFailed
from bot.edges.store import SqlStore
from bot.edges.store.tx import SqlTx
from tests import fakes
from tests.conftest import Clock

SICK = fires("shop database", Severity.WARNING, **fakes.FULL)


async def test_an_earlier_notice_does_not_prove_that_a_later_one_came(
    store: SqlStore, book: Book, clock: Clock
) -> None:
    delivers = True

    def deliver(tx: SqlTx) -> None:
        for post in tx.posts.of_alert(1) if delivers else []:
            tx.posts.save(replace(post, state=PostState.SHOWN, message_id=1, shown=post.wanted))

    async def sleep(_seconds: float) -> None:
        await store.write(deliver)

    notifier = AdminNotifier(
        store=store, book=book, admins=(), clock=clock, wake=lambda: None, sleep=sleep
    )
    await store.write(lambda tx: tx.alerts.add("check_db_growth", SICK, clock()))
    assert await notifier.notify_admins(1, "first") == {"chats": 1}

    delivers = False
    with pytest.raises(ActionFailed):
        await notifier.notify_admins(1, "second")
