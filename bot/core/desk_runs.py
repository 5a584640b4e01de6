"""People and remediations: ask for one, confirm it, cancel it. Functions of one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import matrix
from bot.core.matrix import Clock
from bot.core.model import Alert, Severity, State, phrase
from bot.core.policy import CONFIRM_WITHIN
from bot.core.ports import Tx
from bot.core.press import Hand, Press, Said, refuse
from bot.core.records import Post, Run, RunState

GRACE_FOR_PREFLIGHT = timedelta(seconds=30)


def ask(hand: Hand, press: Press, post: Post, alert: Alert, name: str) -> Said:
    """Request a remediation, or begin to ask whether it is really wanted."""
    action = hand.book.remediations[name]
    if active := hand.tx.runs.active_on(action.target):
        if active.state is RunState.PROPOSED and active.asked_by == press.who.id:
            return refuse("confirm_below")
        label = hand.book.remediations[active.action].label
        return refuse("busy", action=label, by=active.asked_name)
    run = Run(
        id=0,
        key=f"tap:{press.id}",
        action=name,
        target=action.target,
        state=RunState.ASKED if action.confirm else RunState.REQUESTED,
        asked_at=hand.now,
        asked_by=press.who.id,
        asked_name=press.who.name,
        alert_id=alert.id,
        chat_id=post.chat_id,
        topic_id=post.topic_id,
        reply_to=post.id,
        expires_at=hand.now + GRACE_FOR_PREFLIGHT,
    )
    if hand.tx.runs.add(run) is None:
        return refuse("busy", action=action.label, by=press.who.name)
    # To start a repair is an answer.
    hand.tx.alerts.save(matrix.responded(alert, hand.now), quiet=True)
    hand.note(alert, "asked", action=action.label)
    return Said(phrase("preparing" if action.confirm else "started", action=action.label))


def confirm(hand: Hand, run_id: int) -> Said:
    tx, now = hand.tx, hand.now
    run = tx.runs.get(run_id)
    if run is None or run.state is not RunState.PROPOSED:
        return refuse("already_decided")
    if run.asked_by != hand.who.id:
        return refuse("confirm_other_person")
    if run.expires_at is None or now > run.expires_at:
        _unanswered(tx, run, RunState.EXPIRED, now, hand.book.policy.matrix)
        return refuse("confirm_too_late", seconds=CONFIRM_WITHIN.total_seconds())
    alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
    if alert is not None and alert.state is State.RESOLVED:
        _close(tx, run, RunState.CANCELLED, now)
        return refuse("alert_over")
    tx.runs.move(replace(run, state=RunState.REQUESTED), frm=RunState.PROPOSED)
    label = hand.book.remediations[run.action].label
    if alert is not None:
        hand.note(alert, "confirmed", action=label)
    return Said(phrase("started", action=label))


def cancel(hand: Hand, run_id: int) -> Said:
    run = hand.tx.runs.get(run_id)
    if run is None or run.state is not RunState.PROPOSED:
        return refuse("already_decided")
    _unanswered(hand.tx, run, RunState.CANCELLED, hand.now, hand.book.policy.matrix)
    return Said(phrase("cancelled"))


def tidy(tx: Tx, now: datetime, clocks: Mapping[Severity, Clock]) -> int:
    """Close questions that nobody confirmed in time; say how many."""
    late = [
        run
        for run in tx.runs.in_state(RunState.ASKED, RunState.PROPOSED)
        if run.expires_at is not None and not _is_fresh(run, run.expires_at, now)
    ]
    for run in late:
        _unanswered(tx, run, RunState.EXPIRED, now, clocks)
    return len(late)


def _is_fresh(run: Run, until: datetime, now: datetime) -> bool:
    """A wall clock set back must not let a question lock its target for an hour."""
    return run.asked_at - CONFIRM_WITHIN <= now <= until


def _unanswered(
    tx: Tx, run: Run, state: RunState, now: datetime, clocks: Mapping[Severity, Clock]
) -> None:
    """Nothing was done after all: the alert waits for somebody again."""
    _close(tx, run, state, now)
    if run.alert_id is not None and (alert := tx.alerts.get(run.alert_id)):
        tx.alerts.save(matrix.unanswered(alert, now, clocks))


def _close(tx: Tx, run: Run, state: RunState, now: datetime) -> None:
    tx.runs.move(replace(run, state=state, finished_at=now), frm=run.state)
    tx.posts.want_run(run.id)
