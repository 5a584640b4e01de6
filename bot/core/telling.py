"""Who is told what about an alert, and when it rings. Functions of one transaction.

Nothing here sends: a row is queued, and the courier shows it. A silence, a cause or the minimum
severity keep a row from being queued at all.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core import cards, matrix, quiet, storms
from bot.core.model import Alert, Severity
from bot.core.notices import may_ring, notify, owe_ring, ring, ring_storms
from bot.core.policy import Chat, Policy
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Post, PostKind, PostState


def tell_all(tx: Tx, policy: Policy, alerts: Sequence[Alert], now: datetime) -> None:
    """Tell what began in one round, the worst first; a crowd at once goes into the storm."""
    crowd = len(alerts) > policy.storm_per_minute
    if crowd and not tx.posts.broken() and not quiet.active(tx, policy, now):
        _tell_crowd(tx, policy, alerts, now)
        return
    for alert in sorted(alerts, key=lambda one: -one.severity.rank):
        begins(tx, policy, alert, now)


def _tell_crowd(tx: Tx, policy: Policy, alerts: Sequence[Alert], now: datetime) -> None:
    """The same as telling each, in a few statements for all of them."""
    groups: dict[Chat, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.times > 1:  # it may have cards already
            begins(tx, policy, alert, now)
            continue
        for place in cards.places_for(policy, alert, escalated=False):
            groups[place].append(alert)
    for place, group in groups.items():
        if len(group) > policy.storm_per_minute:
            storm = storms.join_all(tx, group, place, now)
            loud = next((alert for alert in group if storms.must_ring(storm, alert)), None)
            if loud is not None:
                ring_storms(tx, loud, f"joined:{loud.times}", "notices/joined.html.j2", now)
            continue
        for alert in group:
            cards.add(tx, policy, alert, place, now)


def rises(  # noqa: PLR0913  # what rises, from where, and who knows it already
    tx: Tx, policy: Policy, alert: Alert, before: Severity, now: datetime, *, new: Sequence[Post]
) -> None:
    """An edit does not ring, so a rising severity is a notice of its own; a `new` card rings.

    A silence holds it back until its end.
    """
    if may_ring(tx, policy, alert, now):
        key, template = f"rise:{alert.version}", "notices/rises.html.j2"
        ring(tx, alert, key, template, now, new=new, before=before)
    elif quiet.of(tx, policy, alert, now) is not None:
        owe_ring(tx, alert)


def released(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """Its cause is over and it still fires: now it rings."""
    new = cards.give(tx, policy, alert, now)
    if may_ring(tx, policy, alert, now):
        ring(tx, alert, f"released:{alert.version}", "notices/released.html.j2", now, new=new)


def begins(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """It opened, or is back on its old card; that one rings only where it has never rung."""
    cards.give(tx, policy, alert, now)
    _speak_up(tx, policy, alert, "again", now)


def unsilenced(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """A silence is over: what it swallowed and still fires is told, and rings if nothing did."""
    cards.give(tx, policy, alert, now)
    _speak_up(tx, policy, alert, "unsilenced", now)


def _speak_up(tx: Tx, policy: Policy, alert: Alert, what: str, now: datetime) -> None:
    """Cards that came silently, in a silence or when all was over, ring by a notice."""
    if not may_ring(tx, policy, alert, now):
        return
    for card in tx.posts.of_alert(alert.id):
        there = card.message_id is not None and card.state is not PostState.DEAD
        if card.kind is PostKind.CARD and card.silent and there:
            tx.posts.save(replace(card, silent=False))
            key, template = f"{alert.id}:{what}:{alert.version}", f"notices/{what}.html.j2"
            notify(tx, card, key, template, now)


def resolved(tx: Tx, alert: Alert, now: datetime) -> None:
    """Who had taken it hears that it is over; silently, it is good news."""
    if alert.acknowledged_by:
        key = f"resolved:{alert.times}:{alert.id}"
        ring(tx, alert, key, "notices/resolved.html.j2", now, silent=True)


def clock(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """A reminder or an escalation is due."""
    if not may_ring(tx, policy, alert, now):
        _postpone(tx, policy, alert, now)
        return
    changed = alert
    if alert.escalate_at is not None and alert.escalate_at <= now:
        changed = matrix.escalated(changed, now)
        _history(tx, alert, now, "escalated")
    remind = alert.remind_at is not None and alert.remind_at <= now
    if remind:
        changed = matrix.reminded(changed, now, policy.matrix)
        _history(tx, alert, now, "reminded")
    saved = tx.alerts.save(changed)
    new: list[Post] = []
    if changed.escalated_at != alert.escalated_at:
        new = cards.give(tx, policy, saved, now, escalated=True)
        if alert.severity is not Severity.CRITICAL:  # a critical one is there from the start
            key = f"escalated:{saved.version}"
            ring(tx, saved, key, "notices/escalated.html.j2", now, new=new)
    if remind:
        ring(tx, saved, f"remind:{saved.version}", "notices/reminder.html.j2", now, new=new)


def _postpone(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """Silenced: the clocks go on when the silence ends. Caused by another: they do not run."""
    hush = quiet.of(tx, policy, alert, now)
    if alert.cause_id is not None or hush is None:
        tx.alerts.save(matrix.stopped(alert), quiet=True)
        return
    tx.silences.swallow(hush.id)
    tx.alerts.save(matrix.resumed(alert, hush.until, policy.matrix), quiet=True)


def _history(tx: Tx, alert: Alert, now: datetime, event: str) -> None:
    tx.alerts.write(HistoryEntry(alert_id=alert.id, at=now, who="SoVAni Ops", event=event))
