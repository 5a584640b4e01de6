"""Numbers over time, in a real file."""

import sqlite3
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, func, select

from bot.core.series import Sample
from bot.edges.store import SqlStore
from bot.edges.store.schema import series, series_names
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON

SIZE, SHOP = "check_db_growth.total_bytes", "shop database"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def keep(store: SqlStore, at: datetime, *values: float | None, name: str = SIZE) -> None:
    samples = [Sample(name, SHOP, value) for value in values]
    await store.write(lambda tx: tx.series.keep(samples, at))


async def stretches(
    store: SqlStore, since: datetime, until: datetime, seconds: int = 3600
) -> list[tuple[float, int, int, float | None, float | None]]:
    """Hours since `since`, rounds, known, mean and top."""
    found = await store.read(
        lambda tx: tx.series.stretches(SIZE, SHOP, since=since, until=until, seconds=seconds)
    )
    return [
        ((one.at - since.timestamp()) / 3600, one.rounds, one.known, one.mean, one.top)
        for one in found
    ]


async def count(store: SqlStore, table: Table = series) -> int:
    query = select(func.count()).select_from(table)
    return await store.read(lambda tx: tx.connection.execute(query).scalar_one())


async def shrink(store: SqlStore, now: datetime) -> int:
    batches = 0
    while await store.write(lambda tx: tx.series.shrink(now)):
        batches += 1
    return batches


async def test_what_is_kept_is_read_back_by_stretches(store: SqlStore) -> None:
    for minutes, value in ((0, 10.0), (5, 20.0), (30, None), (65, 40.0)):
        await keep(store, NOON + timedelta(minutes=minutes), value)
    whole = await stretches(store, NOON, NOON + 2 * HOUR)
    assert whole == [(0, 3, 2, 15.0, 20.0), (1, 1, 1, 40.0, 40.0)]
    assert await stretches(store, NOON, NOON + HOUR) == whole[:1]  # half-open
    assert await stretches(store, NOON + timedelta(minutes=66), NOON + 2 * HOUR) == []


async def test_an_unknown_is_kept_and_is_no_number(store: SqlStore) -> None:
    await keep(store, NOON, None)
    assert await stretches(store, NOON, NOON + HOUR) == [(0, 1, 0, None, None)]


async def test_rounds_within_a_minute_share_a_row(store: SqlStore) -> None:
    for second in range(0, 60, 5):
        await keep(store, NOON + timedelta(seconds=second), None if second == 55 else second)
    assert await stretches(store, NOON, NOON + HOUR) == [(0, 12, 11, 25.0, 50.0)]
    assert await count(store) == 1


async def test_a_round_that_is_undone_leaves_no_number(store: SqlStore) -> None:
    def fails(tx: SqlTx) -> None:
        tx.series.keep([Sample(SIZE, SHOP, 1.0)], NOON)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fails)
    assert await count(store) == await count(store, series_names) == 0


async def test_after_35_days_an_hour_is_one_row_and_says_the_same(store: SqlStore) -> None:
    for n in range(24):  # two hours of rounds, a third of them unknown
        await keep(store, NOON + n * timedelta(minutes=5), None if n % 3 == 0 else float(n))
    before = await stretches(store, NOON, NOON + 2 * HOUR)
    await shrink(store, NOON + 35 * DAY + HOUR)
    assert await count(store) == 1 + 12  # the second hour is still whole
    await shrink(store, NOON + 35 * DAY + 2 * HOUR)
    assert await count(store) == 2
    assert await stretches(store, NOON, NOON + 2 * HOUR) == before
    assert await stretches(store, NOON, NOON + 2 * HOUR, 60) == before  # no finer than kept


async def test_what_came_late_joins_its_hour(store: SqlStore) -> None:
    await keep(store, NOON, 10.0)
    await shrink(store, NOON + 36 * DAY)
    await keep(store, NOON + timedelta(minutes=5), 40.0)  # the clock was set back
    await keep(store, NOON + timedelta(minutes=6), None)
    await shrink(store, NOON + 36 * DAY)
    assert await stretches(store, NOON, NOON + HOUR) == [(0, 3, 2, 25.0, 40.0)]
    assert await count(store) == 1


async def test_after_400_days_it_is_forgotten_and_so_is_its_name(store: SqlStore) -> None:
    await keep(store, NOON, 10.0)
    await keep(store, NOON + DAY, 20.0)
    await shrink(store, NOON + 400 * DAY + HOUR)
    assert [row[0] for row in await stretches(store, NOON, NOON + 2 * DAY)] == [24]
    await shrink(store, NOON + 402 * DAY)
    assert await count(store) == await count(store, series_names) == 0


async def test_nothing_recent_is_touched(store: SqlStore) -> None:
    await keep(store, NOON, 10.0)
    assert await shrink(store, NOON + 35 * DAY) == 0
    assert await shrink(store, NOON - 35 * DAY) == 0  # nor by a clock that was set back


async def test_a_long_absence_is_caught_up_in_small_batches(store: SqlStore) -> None:
    def many(tx: SqlTx) -> None:
        tx.series.keep([Sample(SIZE, SHOP, 1.0)], NOON)
        tx.connection.exec_driver_sql(
            "INSERT INTO series WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n"
            " WHERE n < 4999) SELECT series_id, 60, at + 60 * n, 1, 1, 1.0, 1.0 FROM series, n"
        )

    await store.write(many)
    first = await store.write(lambda tx: tx.series.shrink(NOON + 60 * DAY))
    assert 2000 <= first <= 2060  # at most one hour more than a batch
    assert await shrink(store, NOON + 60 * DAY) == 2
    assert await count(store) == 84
    assert sum(one[1] for one in await stretches(store, NOON, NOON + 60 * DAY)) == 5000


async def test_sums_of_a_family_of_series(store: SqlStore) -> None:
    for at in (NOON, NOON + HOUR):
        await keep(store, at, 3.0, name="check_x.buckets:0.5")
        await keep(store, at, 5.0, name="check_x.buckets:+Inf")
        await keep(store, at, 7.0, name="check_x.bucketsful")
    sums = await store.read(
        lambda tx: tx.series.sums("check_x.buckets:", since=NOON, until=NOON + HOUR)
    )
    assert sums == {"0.5": 3.0, "+Inf": 5.0}


async def test_a_year_of_rows_makes_nothing_slower(store: SqlStore) -> None:
    """Each statement finds its rows by the key; none looks through the table."""
    await keep(store, NOON, 1.0)

    def plans(tx: SqlTx) -> list[str]:
        driver = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        asked: list[str] = []
        driver.set_trace_callback(asked.append)
        span = {"since": NOON, "until": NOON + HOUR}
        tx.series.stretches(SIZE, SHOP, **span, seconds=60)
        tx.series.sums("check_db", **span)
        tx.series.shrink(NOON + 36 * DAY)
        driver.set_trace_callback(None)
        rows = [row for one in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")]
        return sorted({row[3].partition(" (")[0] for row in rows if " series " in f"{row[3]} "})

    assert await store.write(plans) == ["SEARCH series USING PRIMARY KEY"]
