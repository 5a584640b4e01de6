"""Alerts kept in the tables: carries out what the lifecycle planned, and who must be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import sight
from bot.core.lifecycle import Change, Open, Reopen, Resolve, Step, plan
from bot.core.model import Alert, Json, Reading, State
from bot.core.policy import Policy, may_run_by_itself
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Post, PostKind, Run, RunState
from bot.core.runbook import Remediation, Runbook

SYSTEM = "SoVAni Ops"
HOUR = timedelta(hours=1)
NUMBERS_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The runbooks, the remediations and the policy, and what they make of a round."""

    runbooks: Mapping[str, Runbook]
    remediations: Mapping[str, Remediation]
    policy: Policy
    sight: Runbook

    def runbook(self, check: str) -> Runbook:
        return self.sight if check == sight.NAME else self.runbooks[check]

    def settle(self, tx: Tx, runbook: Runbook, readings: Sequence[Reading], now: datetime) -> None:
        """Carry out the plan for one round, in the caller's transaction."""
        recent = tx.alerts.latest_resolved(runbook.name, now - self.policy.dedup_window)
        steps = plan(tx.alerts.open(runbook.name), recent, readings)
        changed = [self._carry_out(tx, runbook, step, now) for step in steps]
        still = {alert.id: alert for alert in changed if alert.state is not State.RESOLVED}
        for alert in still.values():
            self.tell(tx, alert, now)
        self._start_by_itself(tx, runbook, now)

    def _carry_out(self, tx: Tx, runbook: Runbook, step: Step, now: datetime) -> Alert:
        match step:
            case Open(reading):
                alert = tx.alerts.add(runbook.name, reading, now)
                self.note(tx, alert, now, "opened", severity=reading.severity)
                return alert
            case Reopen(old, reading):
                alert = tx.alerts.save(_reopened(old, reading, now))
                self.note(tx, alert, now, "reopened", times=alert.times)
                return alert
            case Change(old, reading):
                if old.severity is not reading.severity:
                    self.note(tx, old, now, "severity", frm=old.severity, to=reading.severity)
                return self._change(tx, old, reading, now)
            case Resolve(old, proof):
                self.note(tx, old, now, "resolved", proof=dict(proof))
                return tx.alerts.save(
                    replace(old, state=State.RESOLVED, resolved_at=now, told_at=now, proof=proof)
                )

    @staticmethod
    def _change(tx: Tx, old: Alert, reading: Reading, now: datetime) -> Alert:
        """Numbers alone are worth an edit once a minute: a group may be sent 20 a minute."""
        changed = replace(old, severity=reading.severity, facts=reading.facts)
        if old.severity is reading.severity and now - old.told_at < NUMBERS_PAUSE:
            return tx.alerts.save(changed, quiet=True)
        return tx.alerts.save(replace(changed, told_at=now))

    def tell(self, tx: Tx, alert: Alert, now: datetime, *, escalated: bool = False) -> None:
        """See to it that every chat that must show this alert has a card of it."""
        places = self.policy.chats(alert, escalated=escalated)
        if alert.check == sight.NAME:
            places = [self.policy.admin_chat]
        have = {post.chat_id for post in tx.posts.of_alert(alert.id) if post.kind is PostKind.CARD}
        for place in places:
            if tx.posts.new_id(place.chat) in have:
                continue
            card = Post(
                id=0,
                kind=PostKind.CARD,
                chat_id=place.chat,
                topic_id=place.topic,
                alert_id=alert.id,
                wanted=alert.version,
                created_at=now,
            )
            tx.posts.add(card)

    def notify(  # a notice is all of these
        self, tx: Tx, card: Post, key: str, template: str, now: datetime, /, **context: Json
    ) -> bool:
        """Queue a message that rings, as a reply to a card; `key` and chat once for ever."""
        notice = Post(
            id=0,
            kind=PostKind.NOTICE,
            chat_id=card.chat_id,
            topic_id=card.topic_id,
            alert_id=card.alert_id,
            reply_to=card.id,
            template=template,
            context=context,
            created_at=now,
        )
        return tx.posts.add(notice, key=f"{key}:{card.chat_id}") is not None

    def _start_by_itself(self, tx: Tx, runbook: Runbook, now: datetime) -> None:
        """Request the runbook's automatic remediation for alerts that have not had it yet."""
        alerts = tx.alerts.open(runbook.name) if runbook.automatic else []
        if not alerts or runbook.automatic is None:
            return
        action = self.remediations[runbook.automatic]
        for alert in alerts:
            earlier = tx.runs.automatic_since(action.name, now - max(HOUR, action.automatic_pause))
            if not may_run_by_itself(action, earlier, now=now, policy=self.policy):
                return
            run = Run(
                id=0,
                key=f"auto:{alert.id}:{alert.times}:{action.name}",  # once an episode
                action=action.name,
                target=action.target,
                state=RunState.REQUESTED,
                asked_at=now,
                asked_name=SYSTEM,
                alert_id=alert.id,
            )
            if tx.runs.add(run):
                self.note(tx, alert, now, "requested", action=action.label)
                tx.alerts.touch(alert.id)

    def note(self, tx: Tx, alert: Alert, now: datetime, event: str, /, **values: Json) -> None:
        """One row of history."""
        who = str(values.pop("who", SYSTEM))
        tx.alerts.write(
            HistoryEntry(alert_id=alert.id, at=now, who=who, event=event, values=values)
        )


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
        acknowledged_at=None,
        times=old.times + 1,
        proof={},
    )
