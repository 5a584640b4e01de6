"""What a storm costs does not grow with it: counted in steps of SQLite, so no clock is asked."""

from datetime import timedelta

import pytest

from bot.core import senders
from bot.core.book import Book
from bot.core.model import Alert, Reading, Severity, fires, ok
from bot.core.ports import Tx
from bot.core.records import Post, PostKind
from bot.core.senders import Told
from bot.core.storm import of_storm as summary_of
from bot.edges.store import SqlStore, alerts
from bot.edges.store.rows import RowLike, to_alert
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON, TEAM

CHECK = senders.name_of("generic")
FEW, MANY = 60, 1_200


def sick(number: int, severity: Severity = Severity.WARNING) -> Reading:
    return fires(f"web {number}", severity, name=f"web {number}", n=number)


async def told(store: SqlStore, book: Book, *readings: Reading, after: float = 0) -> int:
    """Save what a sender says; return the steps that SQLite took for it."""
    now = NOON + timedelta(seconds=after)

    def save(tx: SqlTx) -> int:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        driver.set_progress_handler(count, 1)
        try:
            senders.take(tx, book, CHECK, [Told(one) for one in readings], now)
        finally:
            driver.set_progress_handler(None, 0)
        return steps

    return await store.write(save)


async def storm(store: SqlStore, after: float = 0) -> Post | None:
    now = NOON + timedelta(seconds=after)
    since = now - timedelta(seconds=60)
    return await store.read(lambda tx: tx.posts.open_storm(TEAM.chat, since, now))


async def grown(store: SqlStore, book: Book, first: int, last: int) -> None:
    for start in range(first, last, 100):
        await told(store, book, *map(sick, range(start, min(start + 100, last))))


async def test_one_more_alert_costs_the_same_in_a_large_storm(store: SqlStore, book: Book) -> None:
    await grown(store, book, 0, FEW)
    small = await told(store, book, sick(FEW))
    await grown(store, book, FEW + 1, MANY)
    large = await told(store, book, sick(MANY))
    assert large < 1.2 * small


async def test_one_that_ends_costs_the_same_in_a_large_storm(store: SqlStore, book: Book) -> None:
    await grown(store, book, 0, FEW)
    small = await told(store, book, ok("web 7"))
    await grown(store, book, FEW, MANY)
    large = await told(store, book, ok("web 8"))
    assert large < 1.2 * small


async def test_one_that_comes_back_costs_the_same_after_a_large_storm(
    store: SqlStore, book: Book
) -> None:
    async def ended(first: int, last: int) -> None:
        await told(store, book, *map(sick, range(first, last)))
        await told(store, book, *(ok(f"web {n}") for n in range(first, last)), after=1)

    await ended(0, FEW)
    small = await told(store, book, sick(7), after=2)
    await ended(FEW, MANY)
    large = await told(store, book, sick(8), after=2)
    assert large < 1.2 * small


async def test_a_storm_is_as_urgent_as_the_worst_that_joined_it(
    store: SqlStore, book: Book
) -> None:
    await grown(store, book, 0, FEW)

    async def rank() -> int:
        query = "SELECT rank FROM posts WHERE kind = 'storm'"
        return await store.read(lambda tx: tx.connection.exec_driver_sql(query).scalar_one())

    assert await rank() == Severity.WARNING.rank
    await told(store, book, sick(FEW, Severity.ERROR))
    await told(store, book, sick(FEW + 1))
    assert await rank() == Severity.ERROR.rank
    await told(store, book, sick(3, Severity.CRITICAL))
    assert await rank() == Severity.CRITICAL.rank


@pytest.mark.parametrize(("after", "open_still"), [(100, True), (101, False)])
async def test_a_storm_goes_on_for_a_minute_after_the_last_that_joined(
    store: SqlStore,
    book: Book,
    after: float,
    open_still: bool,  # noqa: FBT001  # a parameter
) -> None:
    await grown(store, book, 0, FEW)
    await told(store, book, sick(FEW), after=40)
    await told(store, book, ok("web 1"), sick(2, Severity.ERROR), after=50)  # no new ones
    assert (await storm(store, after) is not None) is open_still


async def test_the_latest_storm_of_a_chat_is_the_open_one(store: SqlStore, book: Book) -> None:
    first = await storm(store)
    assert first is None
    await grown(store, book, 0, FEW)

    def another(tx: Tx) -> int:
        post = tx.posts.add(Post(id=0, kind=PostKind.STORM, chat_id=TEAM.chat, created_at=NOON))
        assert post is not None
        tx.posts.join(post.id, 1)
        return post.id

    number = await store.write(another)
    found = await storm(store)
    assert found is not None
    assert found.id == number


async def test_a_storm_is_counted_by_the_tables(
    store: SqlStore, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its card is made anew every ten seconds: what is read for it does not grow with it."""
    await grown(store, book, 0, MANY)
    await told(store, book, *(ok(f"web {n}") for n in range(300)), sick(900, Severity.ERROR))
    post = await storm(store)
    assert post is not None
    read = []

    def counting(row: RowLike) -> Alert:
        read.append(row)
        return to_alert(row)

    monkeypatch.setattr(alerts, "to_alert", counting)
    found = await store.read(lambda tx: summary_of(tx, post.id))
    assert len(read) == len(found.named) == 5
    assert [one.subject for one in found.named[:2]] == ["web 900", "web 300"]
    assert (found.total, found.over, found.taken) == (MANY, 300, 0)
    assert {(one.severity, one.count) for one in found.counts} == {(Severity.WARNING, 895)}
