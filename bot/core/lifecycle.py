"""What happens to a check's alerts next. Pure: `now` is an argument, nothing is sent or saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.model import Alert, Facts, Reading, Status


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


@dataclass(frozen=True, slots=True)
class Resolve:
    """Healed. `proof` is what the check saw; empty where the subject is watched no longer."""

    alert: Alert
    proof: Facts


Step = Open | Reopen | Change | Resolve


def plan(
    alerts: Iterable[Alert], just_resolved: Iterable[Alert], readings: Sequence[Reading]
) -> list[Step]:
    """Compare the alerts still open with what a round just saw.

    `just_resolved` are those that may be reopened: resolved within the deduplication window.
    A reading that is unknown changes nothing, and a round that could not look must not come
    here at all: an alert resolves only because its check saw that it is over.
    """
    known = {alert.subject: alert for alert in alerts}
    recent = {alert.subject: alert for alert in just_resolved}
    steps = [step for reading in readings if (step := _next(reading, known, recent))]
    seen = {reading.subject for reading in readings}
    gone = [Resolve(alert, {}) for subject, alert in known.items() if subject not in seen]
    return [*steps, *gone]


def _next(reading: Reading, known: dict[str, Alert], recent: dict[str, Alert]) -> Step | None:
    alert = known.get(reading.subject)
    match reading.status:
        case Status.UNKNOWN:
            return None
        case Status.OK:
            return Resolve(alert, reading.facts) if alert else None
        case Status.FIRING:
            if alert is None:
                old = recent.get(reading.subject)
                return Reopen(old, reading) if old else Open(reading)
            same = (alert.facts, alert.severity) == (reading.facts, reading.severity)
            return None if same else Change(alert, reading)
