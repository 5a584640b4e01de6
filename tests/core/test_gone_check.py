"""An alert of a check that a later release does not have stops nobody's clock."""

from dataclasses import replace

from bot.core.book import Book
from bot.core.model import Severity, State, fires
from bot.core.ticks import tick
from bot.edges.store import SqlStore
from bot.edges.store.tx import SqlTx
from tests import fakes
from tests.conftest import Clock


async def test_its_cause_being_over_releases_it(store: SqlStore, book: Book, clock: Clock) -> None:
    sick = fires("shop database", Severity.WARNING, **fakes.FULL)
    now = clock()

    def leave(tx: SqlTx) -> None:
        gone, cause = (tx.alerts.add(name, sick, now) for name in ("check_gone", "check_ingest"))
        tx.alerts.save(replace(gone, cause_id=cause.id))
        tx.alerts.save(replace(cause, state=State.RESOLVED, resolved_at=now))

    await store.write(leave)
    assert await store.write(lambda tx: tick(tx, book, now))
    found = await store.read(lambda tx: tx.alerts.get(1))
    assert found is not None
    assert found.cause_id is None
