"""Silences that people make and end. They always end, and never hide what gets worse."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import matrix, quiet, rota, silence
from bot.core.model import Alert, Severity, State, phrase
from bot.core.policy import Policy
from bot.core.press import Hand, Said, refuse
from bot.core.records import Silence

USUAL = "1h"
CHOICES = ("15m", "1h", "4h", "morning")
SPAN = re.compile(r"(\d{1,4})([mh])")
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=24)
SAME = timedelta(minutes=1)  # two taps of one wish
LONGEST_WHY = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a silence is about: a check, one subject of it, or everything up to a severity."""

    check: str | None = None
    subject: str | None = None
    severity: Severity
    maintenance: bool = False


def of_alert(alert: Alert) -> Scope:
    """One alert as bad as it is now: when it gets worse, it rings."""
    return Scope(check=alert.check, subject=alert.subject, severity=alert.severity)


def end_of(word: str, policy: Policy, now: datetime) -> datetime | None:
    """When a silence asked for as "15m", "4h" or "morning" ends; None: no such length."""
    if word.lower() == "morning":
        return rota.morning(now, policy.morning, policy.zone)
    found = SPAN.fullmatch(word.lower())
    if found is None:
        return None
    count = int(found[1])
    span = timedelta(minutes=count) if found[2] == "m" else timedelta(hours=count)
    return now + span if SHORTEST <= span <= LONGEST else None


def begin(hand: Hand, scope: Scope, until: datetime, why: str = "") -> Said | Silence:
    """Make a silence; one that lasts as long already is said, a shorter one is replaced."""
    active = quiet.active(hand.tx, hand.book.policy, hand.now)
    wider = [one for one in active if _includes(one, scope) and one.until >= until - SAME]
    if wider:
        return refuse(
            "already_silent", until=wider[0].until.isoformat(), by=wider[0].by_name or None
        )
    for one in active:
        if _same(one, scope):
            hand.tx.silences.end(one.id, hand.who.name, hand.now)
    made = hand.tx.silences.add(
        Silence(
            id=0,
            check=scope.check,
            subject=scope.subject,
            severity=scope.severity,
            by_id=hand.who.id,
            by_name=hand.who.name,
            why=" ".join(why.split())[:LONGEST_WHY],
            created_at=hand.now,
            until=until,
            maintenance=scope.maintenance,
        )
    )
    for alert in _covered(hand, made):
        hand.tx.alerts.save(_postponed(alert, until, hand.book.policy))
        hand.note(alert, "silenced", until=until.isoformat(), why=made.why)
    return made


def silenced(made: Silence) -> Said:
    return Said(phrase("silenced", until=made.until.isoformat()))


def end(hand: Hand, silence_id: int) -> Said:
    """End one early: what it covered rings again, and its clocks start anew."""
    found = hand.tx.silences.get(silence_id)
    if found is None:
        return refuse("silence_unknown")
    if not hand.tx.silences.end(silence_id, hand.who.name, hand.now):
        return refuse("silence_over", by=found.ended_by)
    for alert in _covered(hand, found):
        hand.tx.alerts.save(_resumed(hand, alert))
        hand.note(alert, "unsilenced")
    return Said(phrase("unsilenced"))


def _covered(hand: Hand, one: Silence) -> list[Alert]:
    return [alert for alert in hand.tx.alerts.open(one.check) if silence.covers(one, alert)]


def _includes(one: Silence, scope: Scope) -> bool:
    """Whether everything that `scope` would cover is covered by this silence."""
    return (
        one.check in {None, scope.check}
        and one.subject in {None, scope.subject}
        and one.severity.rank >= scope.severity.rank
        and (one.maintenance or not scope.maintenance)
    )


def _same(one: Silence, scope: Scope) -> bool:
    mine = (scope.check, scope.subject, scope.maintenance)
    return one.id != quiet.PLANNED and (one.check, one.subject, one.maintenance) == mine


def _postponed(alert: Alert, until: datetime, policy: Policy) -> Alert:
    """Clocks that run go on when the silence ends."""
    if alert.state is State.ACKNOWLEDGED:
        later = until + matrix.ACKNOWLEDGED_REMINDER
        return replace(alert, remind_at=later) if alert.remind_at else alert
    clock = policy.matrix[alert.severity]
    changed = alert
    if alert.remind_at is not None and clock.respond is not None:
        changed = replace(changed, remind_at=until + clock.respond)
    if alert.escalate_at is not None and clock.escalate is not None:
        changed = replace(changed, escalate_at=until + clock.escalate)
    return changed


def _resumed(hand: Hand, alert: Alert) -> Alert:
    """Clocks that waited for the end of the silence wait no longer than the matrix says."""
    policy = hand.book.policy
    if quiet.of(hand.tx, policy, alert, hand.now) is not None:
        return alert  # the end of the other one lets them go on
    return matrix.capped(alert, hand.now, policy.matrix)
