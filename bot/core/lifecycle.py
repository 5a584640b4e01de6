"""What happens to a check's alerts next. Pure: `now` is an argument, nothing is sent or saved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.model import Alert, Facts, Reading, Status


@dataclass(frozen=True, slots=True)
class Wait:
    """It fires, but not long enough yet to be an alert."""

    reading: Reading
    since: datetime


@dataclass(frozen=True, slots=True)
class Open:
    reading: Reading


@dataclass(frozen=True, slots=True)
class Reopen:
    """The same trouble came back so soon that its old card speaks again."""

    alert: Alert
    reading: Reading


@dataclass(frozen=True, slots=True)
class Change:
    """Still firing, with other numbers or another severity."""

    alert: Alert
    reading: Reading

    @property
    def only_numbers(self) -> bool:
        """Nothing that rings: neither another severity nor a further stage."""
        further = stage(self.reading.facts) > stage(self.alert.facts)
        return self.alert.severity is self.reading.severity and not further


@dataclass(frozen=True, slots=True)
class Calm:
    """Well since `since`, but not long enough yet to be over."""

    alert: Alert
    since: datetime


@dataclass(frozen=True, slots=True)
class Resolve:
    """Healed. `proof` is what the check saw; empty where the subject is watched no longer."""

    alert: Alert
    proof: Facts


Step = Wait | Open | Reopen | Change | Calm | Resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of a check before this round.

    `just_resolved` may be reopened: over within the deduplication window. `waiting` holds the
    subjects that fire but are no alerts yet, with the time each began.
    """

    open: Iterable[Alert] = ()
    just_resolved: Iterable[Alert] = ()
    waiting: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`hold`: fire for so long before it is an alert. `keep`: be well for so long before it ends.

    `calm` takes the place of `keep` for an alert that flaps.
    """

    hold: timedelta = timedelta(0)
    keep: timedelta = timedelta(0)
    calm: timedelta = timedelta(minutes=10)


def plan(
    past: Past, readings: Sequence[Reading], *, now: datetime, patience: Patience
) -> list[Step]:
    """Compare the alerts still open with what a round just saw.

    A reading that is unknown changes nothing, and a round that could not look must not come
    here at all: an alert resolves only because its check saw that it is over.
    """
    known = {alert.subject: alert for alert in past.open}
    recent = {alert.subject: alert for alert in past.just_resolved}
    steps: list[Step | None] = []
    for reading in readings:
        alert = known.get(reading.subject)
        if reading.status is Status.FIRING:
            step = _fires(reading, alert, recent.get(reading.subject))
            steps.append(_held(step, past.waiting, now, patience))
        elif reading.status is Status.OK and alert:
            steps.append(_well(alert, reading, now, patience))
        elif reading.status is Status.UNKNOWN and reading.subject in past.waiting:
            steps.append(Wait(reading, past.waiting[reading.subject]))
    seen = {reading.subject for reading in readings}
    gone = [Resolve(alert, {}) for subject, alert in known.items() if subject not in seen]
    return [*(step for step in steps if step), *gone]


def _fires(reading: Reading, alert: Alert | None, old: Alert | None) -> Step | None:
    if alert is None:
        return Reopen(old, reading) if old else Open(reading)
    same = (alert.facts, alert.severity) == (reading.facts, reading.severity)
    return None if same and alert.well_since is None else Change(alert, reading)


def _held(
    step: Step | None, waiting: Mapping[str, datetime], now: datetime, patience: Patience
) -> Step | None:
    """A new alert waits until it has fired long enough; a clock set back only delays it."""
    if not isinstance(step, Open | Reopen):
        return step
    since = min(waiting.get(step.reading.subject, now), now)
    return step if now - since >= patience.hold else Wait(step.reading, since)


def _well(alert: Alert, reading: Reading, now: datetime, patience: Patience) -> Step | None:
    needed = patience.calm if alert.flapping_since else patience.keep
    since = min(alert.well_since or now, now)
    if now - since >= needed:
        return Resolve(alert, reading.facts)
    return None if alert.well_since == since else Calm(alert, since)


def stage(facts: Facts) -> int:
    """How far something that comes has come, where a check says so."""
    found = facts.get("stage", 0)
    return found if isinstance(found, int) else 0
