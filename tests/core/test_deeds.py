"""Which deeds tick which line, and which do not."""

from dataclasses import replace

import pytest

from bot import remediations
from bot.core import deeds
from bot.core.deeds import Deeds, Mark, did_it
from bot.core.model import Alert, Severity, fires
from bot.core.ports import Tx
from bot.core.records import RunState
from bot.core.steps import Section, diagnosis, numbered, step, symptom
from bot.edges.store import SqlStore
from tests.conftest import NOON
from tests.questions.incident import MINUTE, OPENED, listed, looked, run, told

ACTIONS = remediations.load()
VACUUM = step("vacuum", does=["remediate_vacuum_db"])
RATE = step("rate", does=["remediate_rate"])
ADMIN = step("admin", does=["remediate_notify_admin"])
LOOK = step("look", asks={"Machine": "host"})
CAUSE = step("cause", asks={"Show outliers": "show_outliers"}, told=["cause"])
BOTH = step("both", does=["remediate_reindex", "remediate_analyze"])


def opened(tx: Tx, subject: str = "shop database") -> Alert:
    return tx.alerts.add("check_db_growth", fires(subject, Severity.ERROR), OPENED)


async def marks(store: SqlStore) -> list[tuple[Mark, str]]:
    found = await store.read(lambda tx: deeds.of(tx, opened_one(tx), 5))
    return [(one.mark, one.who) for one in found.ticks(VACUUM, ACTIONS)]


def opened_one(tx: Tx) -> Alert:
    alert = tx.alerts.get(1)
    assert alert is not None
    return alert


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        (RunState.ASKED, Mark.WAITS),
        (RunState.PROPOSED, Mark.WAITS),
        (RunState.REQUESTED, Mark.RUNNING),
        (RunState.RUNNING, Mark.RUNNING),
        (RunState.VERIFYING, Mark.RUNNING),
        (RunState.SUCCEEDED, Mark.DONE),
        (RunState.NOT_VERIFIED, Mark.USELESS),
        (RunState.FAILED, Mark.FAILED),
        (RunState.CANCELLED, Mark.STOPPED),
        (RunState.INTERRUPTED, Mark.BROKEN_OFF),
        (RunState.REFUSED, None),
        (RunState.EXPIRED, None),
    ],
)
async def test_how_a_run_went_is_how_it_is_ticked(
    store: SqlStore, state: RunState, mark: Mark | None
) -> None:
    await store.write(lambda tx: run(tx, "remediate_vacuum_db", state, alert=opened(tx)))
    assert await marks(store) == ([(mark, "Ann")] if mark else [])
    ticks = await store.read(lambda tx: deeds.of(tx, opened_one(tx), 5).ticks(VACUUM, ACTIONS))
    assert did_it(VACUUM, ticks) is (mark is Mark.DONE)


async def test_what_was_called_off_before_it_began_is_not_ticked(store: SqlStore) -> None:
    def work(tx: Tx) -> None:
        cancelled = run(tx, "remediate_vacuum_db", RunState.PROPOSED, alert=opened(tx))
        over = replace(cancelled, state=RunState.CANCELLED, finished_at=NOON)
        assert tx.runs.move(over, frm=RunState.PROPOSED)

    await store.write(work)
    assert await marks(store) == []


async def test_only_this_episode_counts_but_everything_in_it(store: SqlStore) -> None:
    def work(tx: Tx) -> None:
        alert, other = opened(tx), opened(tx, "another file")
        before = OPENED - MINUTE
        run(tx, "remediate_vacuum_db", alert=alert, at=before, who="Earlier")
        run(tx, "remediate_vacuum_db", at=OPENED, who="Typed")
        run(tx, "remediate_vacuum_db", alert=other, at=OPENED + MINUTE, who="Other card")
        run(tx, "remediate_vacuum_db", alert=alert, at=OPENED + 2 * MINUTE, who=None)
        run(tx, "remediate_clear_cache", alert=alert, at=OPENED + 3 * MINUTE, who="Another line")

    await store.write(work)
    assert await marks(store) == [
        (Mark.DONE, ""),
        (Mark.DONE, "Other card"),
        (Mark.DONE, "Typed"),
    ]


async def test_both_who_agreed_are_named(store: SqlStore) -> None:
    await store.write(
        lambda tx: run(tx, "remediate_vacuum_db", alert=opened(tx), confirmed_name="Boris")
    )
    assert await marks(store) == [(Mark.DONE, "Ann + Boris")]


async def test_a_notice_about_another_alert_is_not_this_ones(store: SqlStore) -> None:
    def work(tx: Tx) -> None:
        opened(tx)
        run(tx, "remediate_notify_admin", alert=opened(tx, "another"))

    await store.write(work)
    found = await store.read(lambda tx: deeds.of(tx, opened_one(tx), 5))
    assert found.ticks(ADMIN, ACTIONS) == []


async def test_what_was_taken_back_is_not_done(store: SqlStore) -> None:
    def work(tx: Tx) -> Deeds:
        alert = opened(tx)
        changed = run(tx, "remediate_rate", alert=alert)
        undo = "remediate_rate_undo"
        run(tx, undo, RunState.FAILED, who="Boris", origin_id=changed.id, at=NOON - 5 * MINUTE)
        return deeds.of(tx, alert, 4)

    done = await store.write(work)
    [tick] = done.ticks(RATE, ACTIONS)
    assert tick.mark is Mark.DONE  # the undoing failed
    undone = replace(
        done,
        runs=[replace(one, state=RunState.SUCCEEDED) for one in done.runs],
    )
    [tick] = undone.ticks(RATE, ACTIONS)
    assert (tick.mark, tick.who) == (Mark.UNDONE, "Boris")
    assert not did_it(RATE, [tick])


async def test_looks_count_by_page_alert_and_question(store: SqlStore) -> None:
    def work(tx: Tx) -> Deeds:
        alert = opened(tx)
        looked(tx, "5 1 host")
        looked(tx, "5 1 host", at=NOON)  # again: the last time is told
        looked(tx, "5 1 host", "Boris", at=OPENED - MINUTE)
        looked(tx, "5 11 host", "Boris")
        looked(tx, "4 1 host", "Boris")
        looked(tx, "5 1 hosts", "Boris")
        return deeds.of(tx, alert, 5)

    found = await store.write(work)
    [tick] = found.ticks(LOOK, ACTIONS)
    assert (tick.mark, tick.who, tick.at) == (Mark.LOOKED, "Vera", NOON)
    assert did_it(LOOK, [tick])
    assert found.ticks(symptom("look", asks=LOOK.asks), ACTIONS) == []
    assert found.ticks(diagnosis("look", asks=LOOK.asks), ACTIONS) == [tick]


async def test_a_refused_tap_is_no_look(store: SqlStore) -> None:
    def work(tx: Tx) -> Deeds:
        alert = opened(tx)
        looked(tx, "5 1 host", verdict="role_too_low")
        return deeds.of(tx, alert, 5)

    assert (await store.write(work)).looks == []


async def test_to_look_for_the_cause_is_not_to_find_it(store: SqlStore) -> None:
    def work(tx: Tx) -> Deeds:
        alert = opened(tx)
        looked(tx, "5 1 show_outliers")
        return deeds.of(tx, alert, 5)

    found = await store.write(work)
    assert not did_it(CAUSE, found.ticks(CAUSE, ACTIONS))

    def say(tx: Tx) -> Deeds:
        told(tx, opened_one(tx), "cause", cause="rate")
        told(tx, opened_one(tx), "note", text="else")
        return deeds.of(tx, opened_one(tx), 5)

    ticks = (await store.write(say)).ticks(CAUSE, ACTIONS)
    assert [(one.mark, one.what) for one in ticks] == [(Mark.SAID, "rate"), (Mark.LOOKED, "")]
    assert did_it(CAUSE, ticks)


async def test_a_line_of_two_actions_names_each(store: SqlStore) -> None:
    def work(tx: Tx) -> Deeds:
        alert = opened(tx)
        run(tx, "remediate_reindex", alert=alert)
        run(tx, "remediate_analyze", alert=alert, at=NOON)
        return deeds.of(tx, alert, 5)

    ticks = (await store.write(work)).ticks(BOTH, ACTIONS)
    assert [one.what for one in ticks] == ["ANALYZE", "REINDEX"]


async def test_the_checklist_is_ticked_by_alert_and_all_of_a_line_counts(store: SqlStore) -> None:
    two = step("two", todo=["postgres_server", "postgres_rehearsal"])

    def work(tx: Tx) -> Deeds:
        alert, other = opened(tx), opened(tx, "another")
        listed(tx, "postgres_server", alert, 2)
        listed(tx, "postgres_rehearsal", other, 2)
        listed(tx, "postgres_rehearsal", None, 0)
        return deeds.of(tx, alert, 5)

    ticks = (await store.write(work)).ticks(two, ACTIONS)
    assert [(one.mark, one.who, one.what) for one in ticks] == [
        (Mark.DONE, "Boris", "PostgreSQL server")
    ]
    assert not did_it(two, ticks)
    free = await store.read(lambda tx: deeds.loose(tx, [two]))
    assert [one.mark for one in free.ticks(two, ACTIONS)] == [Mark.LISTED]

    def rest(tx: Tx) -> Deeds:
        listed(tx, "postgres_rehearsal", opened_one(tx), 3)  # not needed
        return deeds.of(tx, opened_one(tx), 5)

    assert did_it(two, (await store.write(rest)).ticks(two, ACTIONS))


def test_lines_are_numbered_as_in_the_text() -> None:
    lines = [
        symptom("s"),
        step("a"),
        step("b", under="x"),
        step("c", under="x"),
        step("d", under="y"),
        step("e"),
    ]
    assert [mark for mark, _ in numbered(lines, Section.STEPS)] == ["1", "2a", "2b", "3a", "4"]
    assert [mark for mark, _ in numbered(lines, Section.SYMPTOMS)] == ["1"]
