"""Alerts kept in the tables: carries out what the lifecycle planned for a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import automatic, cards, matrix, telling, todo_reminders
from bot.core.book import SYSTEM, Book
from bot.core.lifecycle import (
    Calm,
    Change,
    Open,
    Past,
    Patience,
    Reopen,
    Resolve,
    Step,
    Wait,
    plan,
    stage,
)
from bot.core.model import Alert, Facts, Json, Reading, State
from bot.core.ports import Tx
from bot.core.runbook import Runbook

NUMBERS_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Round:
    """One look of a runbook, or what a sender told, in the caller's transaction."""

    tx: Tx
    book: Book
    runbook: Runbook
    now: datetime

    def settle(self, readings: Sequence[Reading]) -> None:
        """Carry out the plan for one round; what it does not see is over."""
        key = waiting_key(self.runbook)
        past = Past(
            open=self.tx.alerts.open(self.runbook.name),
            just_resolved=self.tx.alerts.latest_resolved(
                self.runbook.name, self.now - self.book.policy.dedup_window
            ),
            waiting=_times(self.tx.recall(key)),
        )
        steps = self._plan(past, readings)
        waiting = {
            step.reading.subject: step.since.isoformat()
            for step in steps
            if isinstance(step, Wait)
        }
        if waiting or past.waiting:
            self.tx.remember(key, waiting, self.now)
        self._carry_out_all(steps)
        self._start_by_itself()

    def heard(self, readings: Sequence[Reading]) -> None:
        """Carry out what a sender has told; it says nothing of subjects that it does not name."""
        subjects = {one.subject for one in readings}
        since = self.now - self.book.policy.dedup_window
        past = Past(
            open=self.tx.alerts.open_among(self.runbook.name, subjects),
            just_resolved=self.tx.alerts.latest_resolved(self.runbook.name, since, subjects),
        )
        self._carry_out_all(self._plan(past, readings))

    def _plan(self, past: Past, readings: Sequence[Reading]) -> list[Step]:
        patience = Patience(
            hold=self.runbook.hold, keep=self.runbook.keep, calm=self.book.policy.flap_calm
        )
        return plan(past, readings, now=self.now, patience=patience)

    def _carry_out_all(self, steps: Sequence[Step]) -> None:
        starts = {step.reading.subject for step in steps if isinstance(step, Open | Reopen)}
        since = self.now - self.book.policy.flap_window
        lately = self.tx.alerts.openings(self.runbook.name, since, starts) if starts else {}
        begun = [self._carry_out(step, lately) for step in steps]
        numbers = [one for one in steps if isinstance(one, Change) and one.only_numbers]
        _renew(self.tx, numbers, self.now)
        telling.tell_all(self.tx, self.book.policy, [alert for alert in begun if alert], self.now)

    def _carry_out(self, step: Step, lately: Mapping[str, int]) -> Alert | None:
        """Carry out one step; return the alert if an episode of it begins, still to be told."""
        match step:
            case Wait():
                pass
            case Change() if step.only_numbers:
                pass  # they may be thousands, and are saved together
            case Open(reading):
                alert = self.tx.alerts.add(self.runbook.name, reading, self.now)
                self.book.note(self.tx, alert, self.now, "opened", severity=reading.severity)
                return self._begin(alert, lately)
            case Reopen(old, reading):
                alert = self.tx.alerts.save(_reopened(old, reading, self.now))
                todo_reminders.tell(self.tx, alert)
                self.book.note(self.tx, alert, self.now, "reopened", times=alert.times)
                return self._begin(alert, lately)
            case Change(old, reading):
                self._change(old, reading)
            case Calm(old, since):
                self.tx.alerts.save(replace(old, well_since=since), quiet=True)
            case Resolve(old, proof):
                self.book.resolve(self.tx, old, self.now, proof=proof)
        return None

    def _begin(self, alert: Alert, lately: Mapping[str, int]) -> Alert:
        """Begin an episode: does it flap, is another alert its cause, when must somebody come."""
        changes = lately.get(alert.subject, 0) + 1
        cause = self.book.cause(self.tx, self.runbook)
        alert = replace(
            alert,
            flapping_since=self.now if changes >= self.book.policy.flap_changes else None,
            cause_id=cause.id if cause else None,
        )
        if alert.flapping_since:
            self.book.note(self.tx, alert, self.now, "flapping", changes=changes)
        if cause:
            self.book.note(self.tx, alert, self.now, "inhibited", by=cause.id)
            alert = matrix.stopped(alert)
        else:
            alert = matrix.started(alert, self.now, self.book.policy.matrix)
        self.book.tell_beside(self.tx, alert)
        return self.tx.alerts.save(alert, quiet=alert.times == 1)  # a new one has no cards yet

    def _change(self, old: Alert, reading: Reading) -> None:
        """It got worse or better; only what got worse rings.

        A fact `stage` that grows is a step towards something that comes: it rings like a rising
        severity.
        """
        changed = replace(old, severity=reading.severity, facts=reading.facts, well_since=None)
        if old.severity is not reading.severity:
            self.book.note(
                self.tx, old, self.now, "severity", frm=old.severity, to=reading.severity
            )
        steps = reading.severity.rank - old.severity.rank
        worse = steps > 0 or (steps == 0 and stage(reading.facts) > stage(old.facts))
        doubtful = self.book.cause(self.tx, self.runbook) is not None
        if worse and not doubtful:
            changed = matrix.started(changed, self.now, self.book.policy.matrix)
            if changed.state is State.ACKNOWLEDGED:
                changed = matrix.responded(changed, self.now)
        alert = self.tx.alerts.save(replace(changed, told_at=self.now))
        new = cards.give(self.tx, self.book.policy, alert, self.now)
        if worse and not doubtful:
            telling.rises(self.tx, self.book.policy, alert, old.severity, self.now, new=new)

    def _start_by_itself(self) -> None:
        """Request the runbook's automatic remediation for alerts that have not had it yet.

        What another alert makes doubtful waits until it speaks for itself.
        """
        if self.runbook.automatic is None:
            return
        action = self.book.remediations[self.runbook.automatic]
        for alert in self.tx.alerts.open(self.runbook.name):
            if alert.cause_id is not None or not self.runbook.repairs(alert.subject):
                continue
            key = f"auto:{alert.id}:{alert.times}:{action.name}"  # once an episode
            rules = self.book.policy
            if automatic.start(self.tx, rules, action, self.now, key=key, by=SYSTEM, alert=alert):
                self.book.note(self.tx, alert, self.now, "requested", action=action.label)
                self.tx.alerts.touch(alert.id)


def waiting_key(runbook: Runbook) -> str:
    """Where it is remembered what fires and is no alert yet."""
    return f"waiting:{runbook.name}"


def _renew(tx: Tx, changes: Sequence[Change], now: datetime) -> None:
    """Numbers alone are worth an edit once a minute: a group may be sent 20 a minute."""
    lately: list[tuple[Alert, Facts]] = []
    long_ago: list[tuple[Alert, Facts]] = []
    for change in changes:
        told = timedelta(0) <= now - change.alert.told_at < NUMBERS_PAUSE
        (lately if told else long_ago).append((change.alert, change.reading.facts))
    tx.alerts.renew(lately, None)
    tx.alerts.renew(long_ago, now)


def _times(value: Json) -> dict[str, datetime]:
    if not isinstance(value, Mapping):
        return {}
    return {subject: datetime.fromisoformat(str(since)) for subject, since in value.items()}


def _reopened(old: Alert, reading: Reading, now: datetime) -> Alert:
    """A new episode on the old card: nobody has taken it yet."""
    return replace(
        old,
        state=State.FIRING,
        severity=reading.severity,
        facts=reading.facts,
        opened_at=now,
        told_at=now,
        resolved_at=None,
        acknowledged_by=None,
        acknowledged_id=None,
        acknowledged_at=None,
        times=old.times + 1,
        proof={},
    )
