"""The response matrix: who must react within what time, and what happens if nobody does. Pure.

Due times are columns of the alert, so a restart changes nothing. To respond is to acknowledge, or
to start a remediation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.lifecycle import stage
from bot.core.model import Alert, Severity, State

ACKNOWLEDGED_REMINDER = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`respond`: a reminder after so long. `repeat`: and again each time, until somebody comes.

    `escalate`: the admin chat gets the whole card; zero means at once.
    """

    respond: timedelta | None = None
    repeat: timedelta | None = None
    escalate: timedelta | None = None


MATRIX: Mapping[Severity, Clock] = MappingProxyType(
    {
        Severity.CRITICAL: Clock(
            respond=timedelta(minutes=5), repeat=timedelta(minutes=5), escalate=timedelta(0)
        ),
        Severity.ERROR: Clock(respond=timedelta(minutes=15), escalate=timedelta(hours=1)),
        Severity.WARNING: Clock(respond=timedelta(hours=1), escalate=timedelta(hours=4)),
        Severity.INFO: Clock(),
    }
)


def started(alert: Alert, now: datetime, matrix: Mapping[Severity, Clock] = MATRIX) -> Alert:
    """Start the clocks anew: it opened, got worse, or was given back."""
    clock = matrix[alert.severity]
    return replace(
        alert,
        responded_at=None,
        remind_at=None if clock.respond is None else now + clock.respond,
        escalate_at=None if clock.escalate is None else now + clock.escalate,
        escalated_at=None,
    )


def responded(alert: Alert, now: datetime) -> Alert:
    """Somebody came: the clocks stop. The one who took it is reminded if it goes on for hours.

    A warning that comes nearer by steps speaks at its next step instead: that may be weeks away.
    """
    first = alert.responded_at or now
    comes = stage(alert.facts) > 0 and alert.severity.rank <= Severity.WARNING.rank
    if alert.state is State.ACKNOWLEDGED and not comes:
        later = now + ACKNOWLEDGED_REMINDER
        return replace(alert, responded_at=first, remind_at=later, escalate_at=None)
    return replace(alert, responded_at=first, remind_at=None, escalate_at=None)


def resumed(alert: Alert, now: datetime, matrix: Mapping[Severity, Clock] = MATRIX) -> Alert:
    """Nothing keeps it from ringing any more: the clocks go on from now."""
    if alert.state is State.ACKNOWLEDGED:
        return responded(alert, now)
    fresh = started(alert, now, matrix)
    if alert.escalated_at is None:
        return fresh
    return replace(fresh, escalate_at=None, escalated_at=alert.escalated_at)


def unanswered(alert: Alert, now: datetime, matrix: Mapping[Severity, Clock] = MATRIX) -> Alert:
    """The repair that had stopped the clocks came to nothing: somebody must come after all."""
    waits = alert.remind_at is not None or alert.escalate_at is not None
    if waits or alert.responded_at is None:
        return alert
    if alert.state is not State.FIRING or alert.cause_id is not None:
        return alert
    return resumed(alert, now, matrix)


def capped(alert: Alert, now: datetime, matrix: Mapping[Severity, Clock] = MATRIX) -> Alert:
    """No clock runs longer than the matrix says: a silence ended early, or time was set back."""
    clock = matrix[alert.severity]
    waits = [wait for wait in (clock.respond, clock.repeat) if wait is not None]
    if alert.state is State.ACKNOWLEDGED:
        waits = [ACKNOWLEDGED_REMINDER]
    return replace(
        alert,
        remind_at=_sooner(alert.remind_at, max(waits, default=None), now),
        escalate_at=_sooner(alert.escalate_at, clock.escalate, now),
    )


def _sooner(due: datetime | None, longest: timedelta | None, now: datetime) -> datetime | None:
    return due if due is None or longest is None else min(due, now + longest)


def stopped(alert: Alert) -> Alert:
    """Nobody is to be reminded: it is over, or another alert is its cause."""
    return replace(alert, remind_at=None, escalate_at=None)


def reminded(alert: Alert, now: datetime, matrix: Mapping[Severity, Clock] = MATRIX) -> Alert:
    """A reminder went out; say when the next one is due."""
    if alert.state is State.ACKNOWLEDGED:
        return responded(alert, now)
    repeat = matrix[alert.severity].repeat
    return replace(alert, remind_at=None if repeat is None else now + repeat)


def escalated(alert: Alert, now: datetime) -> Alert:
    return replace(alert, escalate_at=None, escalated_at=now)
