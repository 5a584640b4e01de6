"""People and actions: ask for one, say yes, say no, stop it. Functions of one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import matrix, run_messages
from bot.core.matrix import Clock
from bot.core.model import Severity, State, phrase
from bot.core.params import fixed
from bot.core.policy import CONFIRM_WITHIN, confirm_within
from bot.core.ports import Tx
from bot.core.press import Hand, Said, refuse
from bot.core.records import Run, RunState
from bot.core.runbook import Guard, Remediation
from bot.core.wish import Right, Wish

GRACE_FOR_PREFLIGHT = timedelta(seconds=30)


def propose(hand: Hand, right: Right, wish: Wish) -> Run | Said:
    """Request an action, or begin to ask whether it is really wanted."""
    action = hand.book.remediations.get(wish.action)
    if action is None:
        return refuse("button_unknown")
    today = hand.now.astimezone(hand.book.policy.zone).date()
    wish = replace(wish, args=fixed(action.params, wish.args, today))
    refusal = _may_not(hand, right, action, wish) or _taken(hand, action, wish)
    if refusal is not None:
        return refusal
    acts = action.guard is Guard.NONE and not wish.typed
    run = Run(
        id=0,
        key=wish.key,
        action=action.name,
        target=_target(action, wish),
        args=dict(wish.args),
        state=RunState.REQUESTED if acts else RunState.ASKED,
        asked_at=hand.now,
        asked_by=hand.who.id,
        asked_name=hand.who.name,
        alert_id=wish.alert.id if wish.alert else None,
        chat_id=wish.chat_id,
        topic_id=wish.topic_id,
        reply_to=wish.reply_to,
        expires_at=hand.now + GRACE_FOR_PREFLIGHT,
        origin_id=wish.origin.id if wish.origin else None,
    )
    made = hand.tx.runs.add(run)
    if made is None:
        return refuse("busy", action=action.label, by=hand.who.name)
    if wish.origin is not None:
        hand.tx.posts.want_run(wish.origin.id)
    if wish.alert is None:
        run_messages.show(hand.tx, hand.book.policy, made, hand.now)  # a card shows its own runs
    else:
        # To start a repair is an answer.
        hand.tx.alerts.save(matrix.responded(wish.alert, hand.now), quiet=True)
        hand.note(wish.alert, "asked", action=action.label)
    return made


def begun(hand: Hand, run: Run) -> Said:
    """What is said to the tap that began it."""
    action = hand.book.remediations[run.action]
    if run.state is RunState.REQUESTED:
        return Said(phrase("started", action=action.label))
    two = action.guard is Guard.TWO_PEOPLE
    return Said(phrase("preparing_for_two" if two else "preparing", action=action.label))


def _may_not(hand: Hand, right: Right, action: Remediation, wish: Wish) -> Said | None:
    if right.role is None or right.role.rank < action.role.rank:
        return refuse("role_too_low", role=right.role, needed=action.role)
    if not action.direct and wish.origin is None:
        return refuse("button_unknown")
    if action.needs_alert and wish.alert is None:
        return refuse("only_from_card", action=action.label)
    if action.guard is Guard.TWO_PEOPLE:
        if not right.access.anybody_else(hand.who.id, action.role):
            return refuse("nobody_else", needed=action.role)
        private = wish.chat_id == hand.who.id
        if private and hand.book.policy.seen_by_others(hand.who.id) is None:
            return refuse("nobody_sees_it")
    return None


def _taken(hand: Hand, action: Remediation, wish: Wish) -> Said | None:
    """Somebody is at it already: perhaps this very person."""
    active = hand.tx.runs.active_on(_target(action, wish))
    if active is None:
        return None
    if active.state is RunState.PROPOSED and active.asked_by == hand.who.id:
        other = hand.book.remediations.get(active.action)
        two = other is not None and other.guard is Guard.TWO_PEOPLE
        return refuse("confirm_by_another" if two else "confirm_below")
    return refuse("busy", action=hand.book.label(active.action), by=active.asked_name)


def _target(action: Remediation, wish: Wish) -> str:
    """What follows another run works on the same thing."""
    return wish.origin.target if wish.origin else action.lock(wish.args)


def confirm(hand: Hand, right: Right, run_id: int) -> Said:
    tx, now = hand.tx, hand.now
    run = tx.runs.get(run_id)
    if run is None or run.state is not RunState.PROPOSED:
        return refuse("already_decided")
    action = hand.book.remediations[run.action]
    if (refusal := _not_yours(hand, right, action, run)) is not None:
        return refusal
    if run.expires_at is None or now > run.expires_at:
        _unanswered(tx, run, RunState.EXPIRED, now, hand.book.policy.matrix)
        return refuse("confirm_too_late", seconds=confirm_within(action).total_seconds())
    if action.guard is Guard.TWO_PEOPLE and not _may_still(right, action, run):
        _unanswered(tx, run, RunState.CANCELLED, now, hand.book.policy.matrix)
        return refuse("asker_lost_role", by=run.asked_name, needed=action.role)
    alert = tx.alerts.get(run.alert_id) if run.alert_id is not None else None
    if alert is not None and alert.state is State.RESOLVED:
        _close(tx, run, RunState.CANCELLED, now)
        return refuse("alert_over")
    requested = replace(
        run,
        state=RunState.REQUESTED,
        confirmed_by=hand.who.id,
        confirmed_name=hand.who.name,
        confirmed_at=now,
    )
    tx.runs.move(requested, frm=RunState.PROPOSED)
    tx.posts.want_run(run.id)
    if alert is not None:
        hand.note(alert, "confirmed", action=action.label)
    return Said(phrase("started", action=action.label))


def _not_yours(hand: Hand, right: Right, action: Remediation, run: Run) -> Said | None:
    """Whose yes it is: the asker's own, or anybody's but the asker's."""
    if right.role is None or right.role.rank < action.role.rank:
        return refuse("role_too_low", role=right.role, needed=action.role)
    mine = run.asked_by == hand.who.id
    if action.guard is Guard.TWO_PEOPLE:
        return refuse("confirm_by_another") if mine else None
    return None if mine else refuse("confirm_other_person")


def _may_still(right: Right, action: Remediation, run: Run) -> bool:
    """Whether the asker could ask today: the settings may have changed since."""
    role = None if run.asked_by is None else right.access.role(run.asked_by)
    return role is not None and role.rank >= action.role.rank


def cancel(hand: Hand, right: Right, run_id: int) -> Said:
    """Say no: the asker, and for two people everybody who could have said yes."""
    run = hand.tx.runs.get(run_id)
    if run is None or run.state is not RunState.PROPOSED:
        return refuse("already_decided")
    action = hand.book.remediations[run.action]
    if run.asked_by != hand.who.id and (no := _not_yours(hand, right, action, run)):
        return no
    _unanswered(hand.tx, run, RunState.CANCELLED, hand.now, hand.book.policy.matrix)
    return Said(phrase("cancelled"))


def stop(hand: Hand, right: Right, run_id: int) -> Said:
    """Ask a running action to end early; whoever may start it may stop it."""
    run = hand.tx.runs.get(run_id)
    if run is None or run.state is not RunState.RUNNING:
        return refuse("already_over")
    action = hand.book.remediations[run.action]
    if right.role is None or right.role.rank < action.role.rank:
        return refuse("role_too_low", role=right.role, needed=action.role)
    if not action.cancellable:
        return refuse("cannot_stop", action=action.label)
    if run.stop_by is not None:
        return refuse("stops_already", by=run.stop_by)
    hand.tx.runs.move(replace(run, stop_by=hand.who.name), frm=RunState.RUNNING)
    hand.tx.posts.want_run(run.id)
    return Said(phrase("stopping", action=action.label))


def tidy(tx: Tx, now: datetime, clocks: Mapping[Severity, Clock]) -> int:
    """Close questions that nobody answered, and take undo buttons away; say how many."""
    late = [
        run
        for run in tx.runs.in_state(RunState.ASKED, RunState.PROPOSED)
        if run.expires_at is not None and not _is_fresh(run, run.expires_at, now)
    ]
    for run in late:
        _unanswered(tx, run, RunState.EXPIRED, now, clocks)
    over = list(tx.runs.undo_over(now))
    for run in over:
        tx.runs.move(replace(run, undo_until=None), frm=run.state)
        tx.posts.want_run(run.id)
    return len(late) + len(over)


def _is_fresh(run: Run, until: datetime, now: datetime) -> bool:
    """A wall clock set back must not let a question lock its target for an hour."""
    return run.asked_at - CONFIRM_WITHIN <= now < until


def _unanswered(
    tx: Tx, run: Run, state: RunState, now: datetime, clocks: Mapping[Severity, Clock]
) -> None:
    """Nothing was done after all: the alert waits for somebody again."""
    _close(tx, run, state, now)
    if run.alert_id is not None and (alert := tx.alerts.get(run.alert_id)):
        tx.alerts.save(matrix.unanswered(alert, now, clocks))


def _close(tx: Tx, run: Run, state: RunState, now: datetime) -> None:
    tx.runs.move(replace(run, state=state, finished_at=now), frm=run.state)
    for number in (run.id, run.origin_id):
        if number is not None:
            tx.posts.want_run(number)
