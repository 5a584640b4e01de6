"""Alerts kept in the tables: carries out what the lifecycle planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core import (
    automatic,
    cards,
    manual,
    matrix,
    quiet,
    sight,
    silence,
    telling,
    todo_reminders,
    unsilence,
)
from bot.core.beats import Plan
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
from bot.core.model import Alert, Facts, Json, Reading, Severity, State
from bot.core.planned import Plans
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import HistoryEntry
from bot.core.runbook import Remediation, Runbook

SYSTEM = "SoVAni Ops"
HOUR = timedelta(hours=1)
NUMBERS_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The runbooks, the remediations and the policy, and what they make of a round.

    `others` are the runbooks of what has no rounds: senders of alerts, and heartbeats.
    """

    runbooks: Mapping[str, Runbook]
    remediations: Mapping[str, Remediation]
    policy: Policy
    sight: Runbook
    others: Mapping[str, Runbook] = field(default_factory=dict)
    beats: Mapping[str, Plan] = field(default_factory=dict)  # jobs that say when they ran
    plans: Plans = field(default_factory=Plans)  # what is done by the calendar

    def runbook(self, check: str) -> Runbook:
        return self.sight if check == sight.NAME else self.known[check]

    @property
    def known(self) -> Mapping[str, Runbook]:
        """The checks first, then whatever else makes alerts."""
        return {**self.runbooks, manual.NAME: manual.runbook(self.runbooks), **self.others}

    def label(self, action: str) -> str:
        """A remediation's label; its name where a release no longer has it."""
        found = self.remediations.get(action)
        return found.label if found else action

    def settle(self, tx: Tx, runbook: Runbook, readings: Sequence[Reading], now: datetime) -> None:
        """Carry out the plan for one round, in the caller's transaction."""
        waiting_key = f"waiting:{runbook.name}"
        past = Past(
            open=tx.alerts.open(runbook.name),
            just_resolved=tx.alerts.latest_resolved(runbook.name, now - self.policy.dedup_window),
            waiting=_times(tx.recall(waiting_key)),
        )
        steps = self._plan(runbook, past, readings, now)
        waiting = {
            step.reading.subject: step.since.isoformat()
            for step in steps
            if isinstance(step, Wait)
        }
        if waiting or past.waiting:
            tx.remember(waiting_key, waiting, now)
        self._carry_out_all(tx, runbook, steps, now)
        self._start_by_itself(tx, runbook, now)

    def heard(self, tx: Tx, runbook: Runbook, readings: Sequence[Reading], now: datetime) -> None:
        """Carry out what a sender has told; it says nothing of subjects that it does not name."""
        subjects = {one.subject for one in readings}
        since = now - self.policy.dedup_window
        past = Past(
            open=tx.alerts.open_among(runbook.name, subjects),
            just_resolved=tx.alerts.latest_resolved(runbook.name, since, subjects),
        )
        self._carry_out_all(tx, runbook, self._plan(runbook, past, readings, now), now)

    def _plan(
        self, runbook: Runbook, past: Past, readings: Sequence[Reading], now: datetime
    ) -> list[Step]:
        patience = Patience(hold=runbook.hold, keep=runbook.keep, calm=self.policy.flap_calm)
        return plan(past, readings, now=now, patience=patience)

    def _carry_out_all(
        self, tx: Tx, runbook: Runbook, steps: Sequence[Step], now: datetime
    ) -> None:
        starts = {step.reading.subject for step in steps if isinstance(step, Open | Reopen)}
        since = now - self.policy.flap_window
        lately = tx.alerts.openings(runbook.name, since, starts) if starts else {}
        begun = [self._carry_out(tx, runbook, step, lately, now) for step in steps]
        _renew(tx, [one for one in steps if isinstance(one, Change) and one.only_numbers], now)
        telling.tell_all(tx, self.policy, [alert for alert in begun if alert], now)

    def _carry_out(
        self, tx: Tx, runbook: Runbook, step: Step, lately: Mapping[str, int], now: datetime
    ) -> Alert | None:
        """Carry out one step; return the alert if an episode of it begins, still to be told."""
        match step:
            case Wait():
                pass
            case Change() if step.only_numbers:
                pass  # they may be thousands, and are saved together
            case Open(reading):
                alert = tx.alerts.add(runbook.name, reading, now)
                self.note(tx, alert, now, "opened", severity=reading.severity)
                return self._begin(tx, runbook, alert, lately, now)
            case Reopen(old, reading):
                alert = tx.alerts.save(_reopened(old, reading, now))
                todo_reminders.tell(tx, alert)
                self.note(tx, alert, now, "reopened", times=alert.times)
                return self._begin(tx, runbook, alert, lately, now)
            case Change(old, reading):
                self._change(tx, runbook, old, reading, now)
            case Calm(old, since):
                tx.alerts.save(replace(old, well_since=since), quiet=True)
            case Resolve(old, proof):
                self.resolve(tx, old, now, proof=proof)
        return None

    def _begin(
        self, tx: Tx, runbook: Runbook, alert: Alert, lately: Mapping[str, int], now: datetime
    ) -> Alert:
        """Begin an episode: does it flap, is another alert its cause, when must somebody come."""
        changes = lately.get(alert.subject, 0) + 1
        cause = self.cause(tx, runbook)
        alert = replace(
            alert,
            flapping_since=now if changes >= self.policy.flap_changes else None,
            cause_id=cause.id if cause else None,
        )
        if alert.flapping_since:
            self.note(tx, alert, now, "flapping", changes=changes)
        if cause:
            self.note(tx, alert, now, "inhibited", by=cause.id)
            alert = matrix.stopped(alert)
        else:
            alert = matrix.started(alert, now, self.policy.matrix)
        return tx.alerts.save(alert, quiet=alert.times == 1)  # a new one has no cards yet

    def _change(
        self, tx: Tx, runbook: Runbook, old: Alert, reading: Reading, now: datetime
    ) -> None:
        """It got worse or better; only what got worse rings.

        A fact `stage` that grows is a step towards something that comes: it rings like a rising
        severity.
        """
        changed = replace(old, severity=reading.severity, facts=reading.facts, well_since=None)
        if old.severity is not reading.severity:
            self.note(tx, old, now, "severity", frm=old.severity, to=reading.severity)
        steps = reading.severity.rank - old.severity.rank
        worse = steps > 0 or (steps == 0 and stage(reading.facts) > stage(old.facts))
        doubtful = self.cause(tx, runbook) is not None
        if worse and not doubtful:
            changed = matrix.started(changed, now, self.policy.matrix)
            if changed.state is State.ACKNOWLEDGED:
                changed = matrix.responded(changed, now)
        alert = tx.alerts.save(replace(changed, told_at=now))
        new = cards.give(tx, self.policy, alert, now)
        if worse and not doubtful:
            telling.rises(tx, self.policy, alert, old.severity, now, new=new)

    def resolve(
        self, tx: Tx, alert: Alert, now: datetime, *, proof: Mapping[str, Json], who: str = SYSTEM
    ) -> Alert:
        """It is over: the clocks stop, and whoever had taken it hears of it."""
        over = replace(
            matrix.stopped(alert),
            state=State.RESOLVED,
            resolved_at=now,
            told_at=now,
            proof=proof,
            well_since=None,
            cause_id=None,
        )
        self.note(tx, alert, now, "resolved", who=who, proof=dict(proof))
        saved = tx.alerts.save(over)
        telling.resolved(tx, saved, now)
        todo_reminders.tell(tx, saved)
        return saved

    def cause(self, tx: Tx, runbook: Runbook) -> Alert | None:
        """The open alert that makes this check's alerts doubtful, the oldest first."""
        doubtful = [alert for name in runbook.depends_on for alert in tx.alerts.open(name)]
        causes = [alert for alert in doubtful if alert.severity.rank >= Severity.ERROR.rank]
        return min(causes, key=lambda alert: alert.opened_at, default=None)

    def tick(self, tx: Tx, now: datetime) -> int:
        """Do what is due by the clock; say how many alerts it touched."""
        changed = self._inhibit(tx, now) + self._release(tx, now) + self._unsilence(tx, now)
        due = list(tx.alerts.clocks_due(now))  # last: a clock that goes on may be due at once
        for alert in due:
            telling.clock(tx, self.policy, alert, now)
        return changed + len(due)

    def _unsilence(self, tx: Tx, now: datetime) -> int:
        """What a silence had swallowed and still fires is told when the silence is over."""
        over = unsilence.newly_over(tx, self.policy, now)
        alerts = tx.alerts.open() if over is None or over else []
        if over is not None:  # else every due time may be too far away: the clock was set back
            alerts = [one for one in alerts if any(silence.covers(end, one) for end in over)]
        for alert in alerts:
            self._go_on(tx, alert, now)
        return len(alerts)

    def _go_on(self, tx: Tx, alert: Alert, now: datetime) -> None:
        """What kept this alert from ringing may be over: tell what was not told."""
        if quiet.of(tx, self.policy, alert, now) is None:
            alert = matrix.capped(alert, now, self.policy.matrix)
        saved = tx.alerts.save(alert)
        telling.unsilenced(tx, self.policy, saved, now)

    def _inhibit(self, tx: Tx, now: datetime) -> int:
        """Alerts that another one has made doubtful since they opened ring no more."""
        count = 0
        for runbook in self.runbooks.values():
            cause = self.cause(tx, runbook)
            for alert in tx.alerts.open(runbook.name) if cause else []:
                if cause and alert.cause_id is None:
                    self.note(tx, alert, now, "inhibited", by=cause.id)
                    tx.alerts.save(matrix.stopped(replace(alert, cause_id=cause.id)))
                    count += 1
        return count

    def _release(self, tx: Tx, now: datetime) -> int:
        """Alerts whose cause is over speak for themselves from now on."""
        count = 0
        for alert in tx.alerts.freed():
            count += 1
            runbook = self.known.get(alert.check)  # None: a release without this check
            other = self.cause(tx, runbook) if runbook else None
            freed = replace(alert, cause_id=other.id if other else None)
            if other is None:
                freed = matrix.resumed(freed, now, self.policy.matrix)
                self.note(tx, alert, now, "released")
            saved = tx.alerts.save(freed)
            if other is None:
                telling.released(tx, self.policy, saved, now)
        return count

    def _start_by_itself(self, tx: Tx, runbook: Runbook, now: datetime) -> None:
        """Request the runbook's automatic remediation for alerts that have not had it yet."""
        if runbook.automatic is None:
            return
        action = self.remediations[runbook.automatic]
        for alert in tx.alerts.open(runbook.name):
            if not runbook.repairs(alert.subject):
                continue
            key = f"auto:{alert.id}:{alert.times}:{action.name}"  # once an episode
            rules = self.policy
            if automatic.start(tx, rules, action, now, key=key, by=SYSTEM, alert=alert):
                self.note(tx, alert, now, "requested", action=action.label)
                tx.alerts.touch(alert.id)

    def note(self, tx: Tx, alert: Alert, now: datetime, event: str, /, **values: Json) -> None:
        """One row of history."""
        who = str(values.pop("who", SYSTEM))
        tx.alerts.write(
            HistoryEntry(alert_id=alert.id, at=now, who=who, event=event, values=values)
        )


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
