"""Alerts, and what decides whether they are told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.model import Alert, Facts, Reading, Severity
from bot.core.records import (
    Group,
    HistoryEntry,
    Life,
    Promise,
    Silence,
)


class Alerts(Protocol):
    def get(self, alert_id: int) -> Alert | None: ...

    def open(self, check: str | None = None) -> Sequence[Alert]:
        """Not resolved yet, worst and oldest first."""
        ...

    def open_among(self, check: str, subjects: Collection[str]) -> Sequence[Alert]:
        """Those of a check's open alerts that are of these subjects."""
        ...

    def latest_resolved(
        self, check: str, since: datetime, subjects: Collection[str] | None = None
    ) -> Sequence[Alert]:
        """The newest alert of each subject that resolved after `since`."""
        ...

    def add(self, check: str, reading: Reading, now: datetime) -> Alert: ...

    def save(self, alert: Alert, *, quiet: bool = False) -> Alert:
        """Write a changed alert with the next version; its cards are due again unless `quiet`."""
        ...

    def renew(self, seen: Sequence[tuple[Alert, Facts]], told_at: datetime | None) -> None:
        """Save what a round saw of many alerts that still fire; None: no card shows it yet."""
        ...

    def touch(self, alert_id: int) -> None:
        """Nothing of the alert changed, but something its cards show did."""
        ...

    def write(self, entry: HistoryEntry) -> None: ...

    def history(self, alert_id: int) -> Sequence[HistoryEntry]: ...

    def entries_since(
        self, start: datetime, *, after: int, most: int
    ) -> Mapping[int, HistoryEntry]:
        """A page of all alerts' history since then, by number, in the order it happened.

        `after` is the last number of the page before; 0: the first page.
        """
        ...

    def lives_since(self, start: datetime, *, after: int, most: int) -> Sequence[Life]:
        """A page of the alerts that were open at any time since then, by number."""
        ...

    def groups_of(self, post_id: int) -> Sequence[Group]:
        """The alerts that share a message, by number."""
        ...

    def worst_of(self, post_id: int, most: int, *, firing: bool = False) -> Sequence[Alert]:
        """The first of the alerts that share a message, worst and oldest first."""
        ...

    def since(
        self, start: datetime, check: str | None = None, *, most: int | None = None, skip: int = 0
    ) -> Sequence[Alert]:
        """Alerts that were open at any time since `start`, the newest first, or a page of them."""
        ...

    def count_since(self, start: datetime, check: str | None = None) -> int:
        """How many those are."""
        ...

    def newest(self, limit: int, severity: Severity | None = None) -> Sequence[Alert]:
        """The latest to open, open still or over."""
        ...

    def opened_since(self, start: datetime) -> Mapping[Severity, int]:
        """How many opened since then, by how bad they are."""
        ...

    def clocks_due(self, now: datetime) -> Sequence[Alert]:
        """Open alerts whose reminder or escalation is due."""
        ...

    def freed(self) -> Sequence[Alert]:
        """Open alerts whose cause is over, or too mild by now to be one."""
        ...

    def openings(
        self, check: str, since: datetime, subjects: Collection[str]
    ) -> Mapping[str, int]:
        """How often each of these subjects of a check opened, reopened or resolved since."""
        ...


class Silences(Protocol):
    def add(self, silence: Silence) -> Silence: ...

    def get(self, silence_id: int) -> Silence | None: ...

    def active(self, now: datetime) -> Sequence[Silence]: ...

    def end(self, silence_id: int, by: str, now: datetime) -> bool:
        """End one early; false: it is over already."""
        ...

    def swallow(self, silence_id: int) -> None:
        """Count a notice that was not sent because of it."""
        ...

    def ended_since(self, start: datetime, now: datetime) -> Sequence[Silence]:
        """Silences that ended in between, by time or by hand."""
        ...


class Heard(Protocol):
    """What senders last said of each alert of theirs that is open."""

    def get(self, check: str, subject: str) -> Promise | None: ...

    def keep(self, promises: Sequence[Promise]) -> None: ...

    def drop(self, check: str, subjects: Collection[str]) -> None: ...

    def lapsed(self, now: datetime, limit: int) -> Sequence[Promise]:
        """Those that should have been heard of again before `now`, the oldest first."""
        ...

    def next_until(self, after: datetime) -> datetime | None:
        """When the next one should be heard of again."""
        ...
