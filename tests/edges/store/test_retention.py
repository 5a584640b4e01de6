"""What is long over is forgotten with all that hangs on it; what is open never is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.model import Alert, Severity, State, fires
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Post, PostKind, Run, RunState, Silence
from bot.core.todo import Item, ItemState
from bot.edges.store import SqlStore, retention
from bot.edges.store.schema import metadata
from bot.edges.store.tx import SqlTx
from tests.conftest import NOON, TEAM

OLD = NOON - timedelta(days=500)
LIMIT = NOON - timedelta(days=400)
CARD = Post(id=0, kind=PostKind.CARD, chat_id=TEAM.chat, created_at=OLD)


def opened(tx: Tx, subject: str, at: datetime) -> Alert:
    alert = tx.alerts.add("check_x", fires(subject, Severity.WARNING), at)
    tx.alerts.write(HistoryEntry(alert_id=alert.id, at=at, who="Ann", event="opened"))
    return alert


def ended(tx: Tx, alert: Alert, at: datetime) -> Alert:
    return tx.alerts.save(replace(alert, state=State.RESOLVED, resolved_at=at))


def told(tx: Tx, **values: Any) -> Post:  # noqa: ANN401  # a post's fields
    made = tx.posts.add(replace(CARD, **values))
    assert made is not None
    tx.buttons.issue(made.id, "ask", "cash", expires_at=NOON)
    return made


def ran(tx: Tx, key: str, **values: Any) -> Run:  # noqa: ANN401  # a run's fields
    made = tx.runs.add(
        Run(
            id=0,
            key=key,
            action="a",
            target=key,
            asked_name="Ann",
            **{"state": RunState.SUCCEEDED, "asked_at": OLD, **values},
        )
    )
    assert made is not None
    return made


async def forget_all(store: SqlStore) -> int:
    rounds = 0
    while await store.write(lambda tx: tx.forget(LIMIT)):
        rounds += 1
    return rounds


async def counts(store: SqlStore) -> dict[str, int]:
    def count(tx: SqlTx) -> dict[str, int]:
        found = {}
        for name in ("alerts", "history", "posts", "runs", "digest_members", "buttons"):
            rows = tx.connection.execute(metadata.tables[name].select()).all()
            found[name] = len(rows)
        assert tx.connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        return found

    return await store.read(count)


async def ids(store: SqlStore, days: int = 4000) -> set[int]:
    start = NOON - timedelta(days=days)
    return {one.id for one in await store.read(lambda tx: tx.alerts.since(start))}


def whole_story(tx: Tx, at: datetime) -> Alert:
    """An alert with a card, a repair with its question, a notice and a place in a storm."""
    alert = opened(tx, f"db {at}", at)
    card = told(tx, alert_id=alert.id)
    run = ran(tx, f"run {alert.id}", alert_id=alert.id)
    told(tx, kind=PostKind.RUN, run_id=run.id, reply_to=card.id)
    told(tx, kind=PostKind.NOTICE, alert_id=alert.id, reply_to=card.id)
    storm = told(tx, kind=PostKind.STORM)
    tx.posts.join(storm.id, alert.id)
    return alert


async def test_all_that_hangs_on_an_old_alert_goes_with_it(store: SqlStore) -> None:
    def begin(tx: Tx) -> None:
        ended(tx, whole_story(tx, OLD), OLD)

    await store.write(begin)
    newer = await store.write(lambda tx: ended(tx, whole_story(tx, NOON), NOON))
    assert await forget_all(store) == 1
    assert await ids(store) == {newer.id}
    assert await counts(store) == {
        "alerts": 1,
        "history": 1,
        "posts": 4,
        "runs": 1,
        "digest_members": 1,
        "buttons": 4,
    }


def still_open(tx: Tx) -> None:
    opened(tx, "a", OLD)


def ended_lately(tx: Tx) -> None:
    ended(tx, opened(tx, "a", OLD), LIMIT)


def cause_of_an_open_one(tx: Tx) -> None:
    cause = ended(tx, opened(tx, "a", OLD), OLD)
    tx.alerts.save(replace(opened(tx, "b", OLD), cause_id=cause.id))


def repaired_at_this_moment(tx: Tx) -> None:
    ran(tx, "k", alert_id=ended(tx, opened(tx, "a", OLD), OLD).id, state=RunState.RUNNING)


@pytest.mark.parametrize(
    "begin", [still_open, ended_lately, cause_of_an_open_one, repaired_at_this_moment]
)
async def test_what_is_not_over_for_so_long_stays(
    store: SqlStore, begin: Callable[[Tx], None]
) -> None:
    await store.write(begin)
    before = await ids(store)
    await store.write(lambda tx: opened(tx, "newest", NOON))
    assert await forget_all(store) == 0
    assert before < await ids(store)


async def test_a_storm_stays_while_one_of_its_alerts_does(store: SqlStore) -> None:
    def begin(tx: Tx) -> Post:
        old, fresh = ended(tx, opened(tx, "a", OLD), OLD), opened(tx, "b", OLD)
        storm = told(tx, kind=PostKind.STORM)
        tx.posts.join(storm.id, old.id, fresh.id)
        told(tx, kind=PostKind.NOTICE, alert_id=old.id, reply_to=storm.id)
        told(tx, kind=PostKind.NOTICE, alert_id=fresh.id, reply_to=storm.id)
        return storm

    storm = await store.write(begin)
    await forget_all(store)
    assert await store.read(lambda tx: tx.posts.members(storm.id)) == [2]
    assert len(await store.read(lambda tx: tx.posts.replies(storm.id))) == 1


async def test_old_answers_repairs_and_silences_without_an_alert_go_too(store: SqlStore) -> None:
    def begin(tx: Tx) -> None:
        hush = Silence(
            id=0,
            check=None,
            subject=None,
            severity=Severity.ERROR,
            by_name="Ann",
            why="",
            created_at=OLD,
            until=OLD,
        )
        tx.silences.add(hush)
        tx.silences.add(replace(hush, until=NOON))
        told(tx, kind=PostKind.ANSWER)
        ran(tx, "old")
        ran(tx, "runs", state=RunState.RUNNING)
        told(tx, kind=PostKind.ANSWER, created_at=NOON)
        ran(tx, "new", asked_at=NOON)

    await store.write(begin)
    await forget_all(store)
    found = await counts(store)
    assert (found["posts"], found["buttons"], found["runs"]) == (1, 1, 2)
    assert await store.read(lambda tx: tx.silences.get(1)) is None
    assert await store.read(lambda tx: tx.silences.get(2)) is not None


async def test_no_number_is_given_twice_and_batches_are_small(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)

    def begin(tx: Tx) -> None:
        for number in range(8):
            ended(tx, opened(tx, f"db {number}", OLD), OLD)

    await store.write(begin)
    assert await forget_all(store) == 3
    assert await ids(store) == {8}
    assert (await store.write(lambda tx: opened(tx, "next", NOON))).id == 9


async def test_numbers_of_history_and_repairs_are_not_given_twice_either(store: SqlStore) -> None:
    """What follows these tables by their numbers would miss a row that has an old one."""

    def begin(tx: Tx) -> None:
        first = opened(tx, "a", OLD)
        ended(tx, opened(tx, "b", OLD), OLD)
        ended(tx, opened(tx, "newest", OLD), OLD)
        tx.alerts.write(HistoryEntry(alert_id=first.id, at=OLD, who="Ann", event="resolved"))
        ran(tx, "k", alert_id=first.id)
        ended(tx, first, OLD)

    await store.write(begin)
    assert await forget_all(store) == 1
    assert await ids(store) == {1, 3}
    assert (await store.write(lambda tx: ran(tx, "next"))).id == 2


STEP = Item(
    id=0,
    text="call",
    chat_id=TEAM.chat,
    created_at=OLD,
    created_by="Ann",
    created_id=7,
    due_at=OLD,
    remind_at=OLD,
)
ENDED = replace(STEP, state=ItemState.DONE, ended_at=OLD, ended_by="Ann", ended_id=7)


async def test_a_finished_step_goes_with_its_messages_and_an_open_one_stays(
    store: SqlStore,
) -> None:
    def begin(tx: Tx) -> None:
        for number, item in enumerate((ENDED, STEP, replace(ENDED, ended_at=LIMIT), STEP)):
            made = tx.todos.add(item, key=str(number))
            assert made is not None
            told(tx, kind=PostKind.TODO, item_id=made.id)

    await store.write(begin)
    assert await forget_all(store) == 1
    left = await store.read(lambda tx: tx.todos.newest(9))
    assert [one.id for one in left] == [4, 3, 2]
    assert (await counts(store))["posts"] == 3


async def test_an_open_step_keeps_its_alert_and_a_finished_one_goes_with_it(
    store: SqlStore,
) -> None:
    def begin(tx: Tx) -> None:
        for number, item in enumerate((STEP, replace(ENDED, ended_at=NOON))):
            alert = ended(tx, whole_story(tx, OLD + timedelta(seconds=number)), OLD)
            made = tx.todos.add(replace(item, alert_id=alert.id), key=str(number))
            assert made is not None
            told(tx, kind=PostKind.TODO, item_id=made.id, alert_id=alert.id)
        whole_story(tx, NOON)  # the newest stays in any case
        tx.todos.add(STEP, key="newest")

    await store.write(begin)
    await forget_all(store)
    assert await ids(store) == {1, 3}
    assert [one.id for one in await store.read(lambda tx: tx.todos.newest(9))] == [3, 1]
    assert (await counts(store))["alerts"] == 2
