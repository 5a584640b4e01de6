"""Remediations, and the record of who did what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.model import Person
from bot.core.records import (
    Look,
    Run,
    RunState,
)


class Runs(Protocol):
    def get(self, run_id: int) -> Run | None: ...

    def by_key(self, key: str) -> Run | None: ...

    def add(self, run: Run) -> Run | None:
        """None where the key was used before, or another run of the target is active."""
        ...

    def move(self, run: Run, *, frm: RunState) -> bool:
        """Write the run if it is still in state `frm`; false: somebody was faster."""
        ...

    def active_on(self, target: str) -> Run | None: ...

    def in_state(self, *states: RunState) -> Sequence[Run]: ...

    def of_alert(self, alert_id: int) -> Sequence[Run]: ...

    def automatic_since(self, action: str, since: datetime) -> Sequence[Run]: ...

    def last_started(self, target: str, action: str) -> Run | None: ...

    def last_of(self, action: str) -> Run | None:
        """The newest run of this action that ended, however it did."""
        ...

    def of_actions(self, actions: Sequence[str], since: datetime) -> Sequence[Run]:
        """All runs of these actions that were asked for since then, the oldest first."""
        ...

    def following(self, run_id: int) -> Run | None:
        """What undoes this run or goes on with it: under way or done, one at most."""
        ...

    def undo_over(self, now: datetime) -> Sequence[Run]:
        """Runs whose undo is offered and must not be any more."""
        ...

    def started_since(self, start: datetime) -> Sequence[Run]:
        """Runs that really began since then, the oldest first."""
        ...


class Audit(Protocol):
    def write(
        self, *, now: datetime, who: Person, chat_id: int, did: str, verdict: str
    ) -> None: ...

    def count(self, *, since: datetime, verdicts: Collection[str]) -> int: ...

    def looks(self, words: str, *, since: datetime) -> Sequence[Look]:
        """Questions asked by buttons that say these words first; what follows is the question."""
        ...

    def forget(self, before: datetime) -> int: ...
