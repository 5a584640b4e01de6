"""What is due by the clock: checks, jobs, the calendar, the checklist."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.core.planned import Entry
from bot.core.records import (
    Beat,
    CheckState,
)
from bot.core.todo import Item, ItemState


class Checks(Protocol):
    def all(self) -> Sequence[CheckState]: ...

    def get(self, name: str) -> CheckState | None: ...

    def save(self, state: CheckState) -> None: ...

    def forget(self, name: str) -> None:
        """Nobody looks any more: what was seen last says nothing."""
        ...


class Beats(Protocol):
    """When each job was last heard of."""

    def all(self) -> Sequence[Beat]: ...

    def get(self, job: str) -> Beat | None: ...

    def save(self, beat: Beat) -> None: ...


class Schedules(Protocol):
    """What is done by the calendar: when next, and what came of it."""

    def all(self) -> Sequence[Entry]: ...

    def get(self, name: str) -> Entry | None: ...

    def save(self, entry: Entry) -> None: ...


class Todos(Protocol):
    """The checklist."""

    def add(self, item: Item, *, key: str) -> Item | None:
        """None where the key was used before, or the alert has this step already."""
        ...

    def get(self, item_id: int) -> Item | None: ...

    def by_key(self, key: str) -> Item | None: ...

    def of_step(self, step: str, alert_id: int | None) -> Item | None:
        """What stands in the way of this step of the catalogue being added."""
        ...

    def save(self, item: Item) -> None: ...

    def open(self) -> Sequence[Item]:
        """What is still to be done, the longest overdue first."""
        ...

    def of_alert(self, alert_id: int) -> Sequence[Item]: ...

    def due(self, now: datetime) -> Sequence[Item]:
        """Open steps that must ring, or were rung for by a clock that was ahead."""
        ...

    def newest(self, limit: int, state: ItemState | None = None) -> Sequence[Item]: ...
