"""Transactions: all or nothing, and one of each where there may be only one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Severity, State, fires
from bot.core.ports import Tx
from bot.core.records import ACTIVE, Post, PostKind, Run, RunState
from bot.edges.store import SqlStore
from bot.edges.store.alerts import StaleAlertError
from tests.conftest import NOON, TEAM

SICK = fires("shop database", Severity.WARNING)
RUN = Run(
    id=0, key="k1", action="a", target="t", state=RunState.ASKED, asked_at=NOON, asked_name="Ann"
)


async def test_what_raises_undoes_all_of_it(store: SqlStore) -> None:
    def half(tx: Tx) -> None:
        tx.alerts.add("check_x", SICK, NOON)
        raise ValueError("oops")

    with pytest.raises(ValueError, match="oops"):
        await store.write(half)
    assert await store.read(lambda tx: tx.alerts.open()) == []


async def test_a_change_of_an_outdated_alert_is_refused(store: SqlStore) -> None:
    alert = await store.write(lambda tx: tx.alerts.add("check_x", SICK, NOON))
    await store.write(lambda tx: tx.alerts.save(replace(alert, state=State.ACKNOWLEDGED)))
    with pytest.raises(StaleAlertError):
        await store.write(lambda tx: tx.alerts.save(replace(alert, state=State.RESOLVED)))


async def test_open_alerts_come_worst_first_then_oldest(store: SqlStore) -> None:
    for subject, severity in [
        ("a", Severity.WARNING),
        ("b", Severity.CRITICAL),
        ("c", Severity.ERROR),
        ("d", Severity.ERROR),
    ]:
        reading = fires(subject, severity)
        await store.write(lambda tx, one=reading: tx.alerts.add("check_x", one, NOON))  # type: ignore[misc]  # bound now
    found = await store.read(lambda tx: [alert.subject for alert in tx.alerts.open()])
    assert found == ["b", "c", "d", "a"]


async def test_a_key_is_used_once_for_ever(store: SqlStore) -> None:
    first = await store.write(lambda tx: tx.runs.add(RUN))
    assert first is not None
    done = replace(first, state=RunState.SUCCEEDED)
    assert await store.write(lambda tx: tx.runs.move(done, frm=RunState.ASKED))
    assert await store.write(lambda tx: tx.runs.add(RUN)) is None


@pytest.mark.parametrize("state", ACTIVE)
async def test_one_active_run_for_a_target(store: SqlStore, state: RunState) -> None:
    await store.write(lambda tx: tx.runs.add(replace(RUN, state=state)))
    other = replace(RUN, key="k2")
    assert await store.write(lambda tx: tx.runs.add(other)) is None
    elsewhere = replace(RUN, key="k3", target="another")
    assert await store.write(lambda tx: tx.runs.add(elsewhere)) is not None


async def test_a_run_moves_only_from_the_state_it_was_in(store: SqlStore) -> None:
    run = await store.write(lambda tx: tx.runs.add(RUN))
    assert run is not None
    running = replace(run, state=RunState.RUNNING)
    assert not await store.write(lambda tx: tx.runs.move(running, frm=RunState.REQUESTED))


async def test_a_notice_is_queued_once_and_a_card_is_one_for_each_chat(store: SqlStore) -> None:
    alert = await store.write(lambda tx: tx.alerts.add("check_x", SICK, NOON))
    notice = Post(
        id=0, kind=PostKind.NOTICE, chat_id=TEAM.chat, alert_id=alert.id, created_at=NOON
    )
    card = replace(notice, kind=PostKind.CARD)
    for post, key in [(notice, "n"), (card, None)]:
        assert await store.write(lambda tx, p=post, k=key: tx.posts.add(p, key=k))  # type: ignore[misc]  # bound now
        assert await store.write(lambda tx, p=post, k=key: tx.posts.add(p, key=k)) is None  # type: ignore[misc]  # bound now


async def test_showing_never_forgets_what_was_wanted_meanwhile(store: SqlStore) -> None:
    alert = await store.write(lambda tx: tx.alerts.add("check_x", SICK, NOON))
    card = Post(id=0, kind=PostKind.CARD, chat_id=TEAM.chat, alert_id=alert.id, created_at=NOON)
    claimed = await store.write(lambda tx: tx.posts.add(card))
    assert claimed is not None
    await store.write(lambda tx: tx.alerts.save(replace(alert, facts={"n": 2})))
    await store.write(lambda tx: tx.posts.save(replace(claimed, message_id=5, shown=1)))
    due = await store.read(lambda tx: tx.posts.next_in(TEAM.chat, NOON))
    assert due is not None
    assert (due.wanted, due.shown, due.message_id) == (2, 1, 5)


async def test_a_button_keeps_its_token_as_long_as_it_lives(store: SqlStore) -> None:
    post = Post(id=0, kind=PostKind.ANSWER, chat_id=TEAM.chat, created_at=NOON)
    made = await store.write(lambda tx: tx.posts.add(post))
    assert made is not None
    tokens = [
        await store.write(lambda tx: tx.buttons.issue(made.id, "ask", "cash", expires_at=NOON))
        for _ in range(2)
    ]
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) == 22


async def test_only_what_is_still_to_come_is_waited_for(store: SqlStore) -> None:
    """What is due has somebody at work on it: waiting for that would be looking all the time."""
    due = Post(id=0, kind=PostKind.NOTICE, chat_id=TEAM.chat, created_at=NOON, not_before=NOON)
    later = replace(due, not_before=NOON + timedelta(seconds=30))
    await store.write(lambda tx: tx.posts.add(due))
    assert await store.read(lambda tx: tx.posts.next_at(NOON)) is None
    await store.write(lambda tx: tx.posts.add(later))
    assert await store.read(lambda tx: tx.posts.next_at(NOON)) == later.not_before
