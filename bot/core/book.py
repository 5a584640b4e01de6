"""What the assistant knows of itself: its runbooks, remediations and policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core import gone, manual, matrix, sight, telling, todo_reminders
from bot.core.beats import Plan
from bot.core.model import EXPLAINS, Alert, Json, State
from bot.core.planned import Plans
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import HistoryEntry
from bot.core.runbook import Remediation, Runbook
from bot.core.trial import Trial

SYSTEM = "SoVAni Ops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The runbooks, the remediations and the policy, and what every change of an alert needs.

    `others` are the runbooks of what has no rounds: senders of alerts, and heartbeats.
    """

    runbooks: Mapping[str, Runbook]
    remediations: Mapping[str, Remediation]
    policy: Policy
    sight: Runbook
    others: Mapping[str, Runbook] = field(default_factory=dict)
    beats: Mapping[str, Plan] = field(default_factory=dict)  # jobs that say when they ran
    plans: Plans = field(default_factory=Plans)  # what is done by the calendar

    @property
    def watched(self) -> Mapping[str, Runbook]:
        """The checks that are switched on."""
        return {name: one for name, one in self.runbooks.items() if one.enabled}

    def runbook(self, check: str) -> Runbook:
        """The runbook of an alert; a check that this release does not have has a stand-in."""
        if check == sight.NAME:
            return self.sight
        return self.known.get(check) or gone.runbook(check)

    @property
    def known(self) -> Mapping[str, Runbook]:
        """The checks first, then whatever else makes alerts."""
        return {**self.runbooks, manual.NAME: manual.runbook(self.runbooks), **self.others}

    def trial(self, action: str) -> Trial | None:
        """How the check that has it among its repairs measures what it did."""
        cured = (one for one in self.runbooks.values() if action in one.remediations)
        return next((one.trial for one in cured if one.trial is not None), None)

    def label(self, action: str) -> str:
        """A remediation's label; its name where a release no longer has it."""
        found = self.remediations.get(action)
        return found.label if found else action

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
        self.tell_beside(tx, saved)
        telling.resolved(tx, saved, now)
        todo_reminders.tell(tx, saved)
        return saved

    def cause(self, tx: Tx, runbook: Runbook) -> Alert | None:
        """The open alert that makes this check's alerts doubtful, the oldest first."""
        doubtful = [alert for name in runbook.depends_on for alert in tx.alerts.open(name)]
        causes = [alert for alert in doubtful if alert.severity.rank >= EXPLAINS.rank]
        return min(causes, key=lambda alert: alert.opened_at, default=None)

    def beside(self, tx: Tx, alert: Alert) -> list[Alert]:
        """Open alerts that may be one incident with it, though none of them explains another."""
        mine = self.runbooks.get(alert.check)
        if mine is None:
            return []
        named = [one.partition(":") for one in mine.linked]
        found = [
            one
            for check, _, subject in named
            for one in tx.alerts.open(check)
            if one.subject == subject
        ]
        naming = (one.name for one in self.runbooks.values() if alert.fingerprint in one.linked)
        return [*found, *(one for name in naming for one in tx.alerts.open(name))]

    def tell_beside(self, tx: Tx, alert: Alert) -> None:
        """It began or is over: the cards of those that it is linked to say otherwise now."""
        for one in self.beside(tx, alert):
            tx.alerts.touch(one.id)

    def note(self, tx: Tx, alert: Alert, now: datetime, event: str, /, **values: Json) -> None:
        """One row of history."""
        who = str(values.pop("who", SYSTEM))
        tx.alerts.write(
            HistoryEntry(alert_id=alert.id, at=now, who=who, event=event, values=values)
        )
