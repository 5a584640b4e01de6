"""Writes that wait together are committed together, and none of them undoes another."""

import asyncio
from collections.abc import Callable

import pytest

from bot.core.model import Severity, fires
from bot.core.ports import Tx
from bot.edges.store import SqlStore
from tests.conftest import NOON

Work = Callable[[Tx], object]


def remembers(key: str) -> Work:
    """Add to what is kept under one name, so that the order shows."""

    def work(tx: Tx) -> str:
        said = f"{tx.recall('said') or ''}{key}"
        tx.remember("said", said, NOON)
        return said

    return work


def fails(tx: Tx) -> None:
    tx.remember("said", "half", NOON)
    raise ValueError("oops")


def breaks_the_commit(tx: Tx) -> None:
    """Leave a row that the file refuses only at the end."""
    driver = tx.connection.connection.driver_connection  # type: ignore[attr-defined]  # the store's own
    driver.execute("PRAGMA defer_foreign_keys = ON")
    tx.alerts.add("check_x", fires("a", Severity.WARNING), NOON)
    driver.execute("UPDATE alerts SET cause_id = 999")


async def said(store: SqlStore) -> object:
    return await store.read(lambda tx: tx.recall("said"))


@pytest.fixture
def commits(store: SqlStore) -> list[str]:
    """What ends transactions, as it happens."""
    seen: list[str] = []
    store._thread.driver.set_trace_callback(  # noqa: SLF001  # nothing outside shows a commit
        lambda sql: seen.append(sql) if sql in {"COMMIT", "ROLLBACK"} else None
    )
    return seen


async def test_what_waits_together_is_one_commit_in_the_order_of_the_calls(
    store: SqlStore, commits: list[str]
) -> None:
    results = await asyncio.gather(*(store.write(remembers(one)) for one in "abc"))
    assert results == ["a", "ab", "abc"]
    assert commits == ["COMMIT"]


@pytest.mark.parametrize("broken", [fails, breaks_the_commit])
async def test_one_that_breaks_undoes_none_of_the_others(store: SqlStore, broken: Work) -> None:
    works = [remembers("a"), broken, remembers("b")]
    first, error, last = await asyncio.gather(*map(store.write, works), return_exceptions=True)
    assert (first, last) == ("a", "ab")
    assert isinstance(error, Exception)
    assert await said(store) == "ab"
    assert await store.read(lambda tx: tx.alerts.open()) == []


async def test_nobody_hears_that_it_is_saved_before_it_is(store: SqlStore) -> None:
    kept: list[object] = []

    async def writes(key: str) -> None:
        await store.write(remembers(key))
        kept.append(store._thread.driver.in_transaction)  # noqa: SLF001  # as above

    await asyncio.gather(writes("a"), writes("b"))
    assert kept == [False, False]


async def test_readings_and_durable_ones_stand_alone_and_in_their_place(
    store: SqlStore, commits: list[str]
) -> None:
    results = await asyncio.gather(
        store.write(remembers("a")),
        store.read(lambda tx: tx.recall("said")),
        store.write(remembers("b")),
        store.write(remembers("c"), durable=True),
        store.write(remembers("d")),
    )
    assert list(results) == ["a", "a", "ab", "abc", "abcd"]
    assert len(commits) == 5


async def test_who_gives_up_leaves_no_half_known_outcome(store: SqlStore) -> None:
    async with asyncio.TaskGroup() as group:
        waits = group.create_task(store.write(remembers("a")))
        asyncio.get_running_loop().call_soon(waits.cancel)
    assert waits.cancelled()
    assert await said(store) == "a"


async def test_work_is_called_for_once_and_only_where_there_is_some(store: SqlStore) -> None:
    calls: list[int] = []
    store.changed = lambda: calls.append(1)
    await asyncio.gather(store.write(remembers("a")), store.write(remembers("b")))
    assert calls == []

    def opens(subject: str) -> Work:
        return lambda tx: tx.alerts.save(
            tx.alerts.add("check_x", fires(subject, Severity.WARNING), NOON)
        )

    await asyncio.gather(*(store.write(opens(one)) for one in "ab"))
    assert calls == [1]
    await asyncio.gather(store.write(breaks_the_commit), return_exceptions=True)
    assert calls == [1]


async def test_whoever_waits_for_a_time_hears_of_every_row_that_changed(store: SqlStore) -> None:
    calls: list[int] = []
    store.written = lambda: calls.append(1)
    await store.read(lambda tx: tx.recall("said"))
    await store.write(lambda tx: tx.recall("said"))
    assert calls == []
    await store.write(remembers("a"))  # nobody's work
    assert calls == [1]
