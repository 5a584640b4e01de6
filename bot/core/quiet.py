"""All that keeps alerts from ringing now: silences of people, and hours in the settings."""

from collections.abc import Iterable
from datetime import datetime

from bot.core import silence
from bot.core.model import Alert, Severity
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Silence

PLANNED = 0  # the id of silences that are settings and no rows


def active(tx: Tx, policy: Policy, now: datetime) -> list[Silence]:
    """Silences that hold now, those of the settings among them."""
    return [*tx.silences.active(now), *planned(policy, now)]


def of(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> Silence | None:
    """The silence that covers this alert longest."""
    return silence.find(active(tx, policy, now), alert)


def planned(policy: Policy, now: datetime) -> list[Silence]:
    """`MAINTENANCE_SILENCES` that hold now: each a silence of everything until it ends."""
    ends = [hours.until(now, policy.zone) for hours in policy.quiet_hours]
    return [_of_settings(now, end) for end in ends if end is not None]


def ended_since(tx: Tx, policy: Policy, start: datetime, now: datetime) -> list[Silence]:
    """Silences that ended in between, by time or by hand."""
    ends = [hours.ends_between(start, now, policy.zone) for hours in policy.quiet_hours]
    over = [_of_settings(start, end) for end in ends if end is not None]
    return [*tx.silences.ended_since(start, now), *over]


def maintenance(silences: Iterable[Silence]) -> Silence | None:
    """The maintenance that somebody began by hand: nothing repairs itself meanwhile."""
    found = [one for one in silences if one.maintenance and one.id != PLANNED]
    return max(found, key=lambda one: one.until, default=None)


def _of_settings(since: datetime, until: datetime) -> Silence:
    return Silence(
        id=PLANNED,
        check=None,
        subject=None,
        severity=Severity.CRITICAL,
        by_name="",
        why="",
        created_at=since,
        until=until,
        maintenance=True,
    )
