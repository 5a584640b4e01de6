"""A round writes what changed, and what is kept in memory is never older than the tables."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.model import Alert, Severity, State, Status, fires, ok
from bot.core.ports import Tx
from bot.core.records import CheckState, Post, PostKind
from bot.edges.store import SqlStore
from bot.edges.store.alerts import StaleAlertError
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON, TEAM

SICK = fires("shop database", Severity.WARNING, n=1)
SEEN = CheckState(name="check_x", status=Status.FIRING, since=NOON, round_at=NOON)


async def opened(store: SqlStore) -> Alert:
    return await store.write(lambda tx: tx.alerts.add("check_x", SICK, NOON))


async def shown(store: SqlStore, alert: Alert, kind: PostKind) -> int:
    def queue(tx: Tx) -> int:
        post = tx.posts.add(Post(id=0, kind=kind, chat_id=TEAM.chat, created_at=NOON))
        assert post is not None
        if kind is PostKind.STORM:
            tx.posts.join(post.id, alert.id)
        return post.id

    return await store.write(queue)


async def rows_written(store: SqlStore, state: CheckState) -> int:
    def save(tx: SqlTx) -> int:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        before = driver.total_changes
        tx.checks.save(state)
        return int(driver.total_changes - before)

    return await store.write(save)


async def test_an_undone_change_is_not_remembered(store: SqlStore) -> None:
    alert = await opened(store)
    await store.write(lambda tx: tx.checks.save(SEEN))

    def half(tx: Tx) -> None:
        tx.alerts.save(replace(alert, facts={"n": 2}))
        tx.checks.save(replace(SEEN, readings=(SICK,)))
        raise ValueError("oops")

    with pytest.raises(ValueError, match="oops"):
        await store.write(half)
    assert await store.read(lambda tx: tx.alerts.open("check_x")) == [alert]
    assert await store.read(lambda tx: tx.checks.get("check_x")) == SEEN


async def test_open_alerts_are_those_of_the_tables(store: SqlStore, tmp_path: Path) -> None:
    alert = await opened(store)
    await store.write(lambda tx: tx.alerts.renew([(alert, {"n": 2})], None))
    other = await SqlStore.open(tmp_path / "state.db")
    try:
        for one in (store, other):
            [found] = await one.read(lambda tx: tx.alerts.open())
            assert (found.facts, found.version) == ({"n": 2}, 2)
        over = replace(found, state=State.RESOLVED)
        await store.write(lambda tx: tx.alerts.save(over))
        for one in (store, other):
            assert await one.read(lambda tx: tx.alerts.open()) == []
    finally:
        await other.close()


async def test_new_numbers_of_an_outdated_alert_are_refused(store: SqlStore) -> None:
    alert = await opened(store)
    await store.write(lambda tx: tx.alerts.save(replace(alert, state=State.ACKNOWLEDGED)))
    with pytest.raises(StaleAlertError):
        await store.write(lambda tx: tx.alerts.renew([(alert, {"n": 2})], NOON))
    [found] = await store.read(lambda tx: tx.alerts.open())
    assert found.facts == {"n": 1}


@pytest.mark.parametrize("told", [True, False])
async def test_new_numbers_make_messages_due_only_when_told(store: SqlStore, told: bool) -> None:  # noqa: FBT001  # a parameter
    alert = await opened(store)
    card = Post(id=0, kind=PostKind.CARD, chat_id=TEAM.chat, alert_id=alert.id, created_at=NOON)
    made = await store.write(lambda tx: tx.posts.add(card))
    assert made is not None
    storm = await shown(store, alert, PostKind.STORM)
    answer = await shown(store, alert, PostKind.ANSWER)

    def wanted(tx: Tx) -> list[int]:
        found = [tx.posts.get(number) for number in (made.id, storm, answer)]
        return [post.wanted for post in found if post is not None]

    before = await store.read(wanted)
    called: list[bool] = []
    store.changed = lambda: called.append(True)
    at = NOON if told else None
    await store.write(lambda tx: tx.alerts.renew([(alert, {"n": 2})], at))
    one, many, other = before
    assert await store.read(wanted) == ([2, many + 1, other] if told else [one, many, other])
    assert bool(called) is told


async def test_a_round_writes_only_the_readings_that_changed(
    store: SqlStore, tmp_path: Path
) -> None:
    readings = tuple(fires(f"db {n}", Severity.WARNING, n=n) for n in range(50))
    assert await rows_written(store, replace(SEEN, readings=readings)) == 51
    copies = tuple(replace(one, facts=dict(one.facts)) for one in readings)
    assert await rows_written(store, replace(SEEN, readings=copies)) == 1
    healed = (*readings[:7], ok("db 7", n=0), *readings[8:40])
    assert await rows_written(store, replace(SEEN, readings=healed)) == 12
    other = await SqlStore.open(tmp_path / "state.db")
    try:
        for one in (store, other):
            state = await one.read(lambda tx: tx.checks.get("check_x"))
            assert state is not None
            assert state.readings == healed
    finally:
        await other.close()
