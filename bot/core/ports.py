"""The assistant's own tables, as the use cases see them. The store implements these.

Use cases are plain functions of a `Tx`: what they read and write is one transaction, on one
thread, all or nothing. So a state change and the wish to tell it are always saved together.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.core.model import Alert, Facts, Json, Person, Phrase, Reading
from bot.core.records import Button, CheckState, HistoryEntry, Post, Run, RunState

T = TypeVar("T")


class Alerts(Protocol):
    def get(self, alert_id: int) -> Alert | None: ...

    def open(self, check: str | None = None) -> Sequence[Alert]:
        """Not resolved yet, worst and oldest first."""
        ...

    def latest_resolved(self, check: str, since: datetime) -> Sequence[Alert]:
        """The newest alert of each subject that resolved after `since`."""
        ...

    def add(self, check: str, reading: Reading, now: datetime) -> Alert: ...

    def save(self, alert: Alert, *, quiet: bool = False) -> Alert:
        """Write a changed alert with the next version; its cards are due again unless `quiet`."""
        ...

    def touch(self, alert_id: int) -> None:
        """Nothing of the alert changed, but something its cards show did."""
        ...

    def write(self, entry: HistoryEntry) -> None: ...

    def history(self, alert_id: int) -> Sequence[HistoryEntry]: ...


class Runs(Protocol):
    def get(self, run_id: int) -> Run | None: ...

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

    def last_finished(self, target: str, action: str) -> Run | None: ...


class Posts(Protocol):
    def get(self, post_id: int) -> Post | None: ...

    def add(self, post: Post, *, key: str | None = None) -> Post | None:
        """None where the key was used before: a notice is queued once."""
        ...

    def save(self, post: Post) -> None: ...

    def due_chats(self, now: datetime) -> Sequence[int]:
        """Chats with something behind the tables and allowed to try, the worst alert first."""
        ...

    def next_in(self, chat_id: int, now: datetime) -> Post | None:
        """What this chat should be shown next: the worst alert first, then the oldest."""
        ...

    def sending(self) -> Sequence[Post]:
        """Requests whose answer never came: the process ended in between."""
        ...

    def next_at(self) -> datetime | None: ...

    def of_alert(self, alert_id: int) -> Sequence[Post]: ...

    def of_run(self, run_id: int) -> Sequence[Post]: ...

    def at(self, chat_id: int, message_id: int) -> Post | None: ...

    def want_run(self, run_id: int) -> None:
        """The run changed: what shows it is due again."""
        ...

    def chat_moved(self, old: int, new: int) -> None: ...

    def new_id(self, chat_id: int) -> int:
        """Where a chat that became a supergroup lives now."""
        ...


class Buttons(Protocol):
    def get(self, token: str) -> Button | None: ...

    def issue(
        self, post_id: int, verb: str, arg: str, *, expires_at: datetime, only: int | None = None
    ) -> str:
        """The token of this button; the same one as long as it lives."""
        ...

    def forget(self, before: datetime) -> int: ...


class Checks(Protocol):
    def all(self) -> Sequence[CheckState]: ...

    def get(self, name: str) -> CheckState | None: ...

    def save(self, state: CheckState) -> None: ...


class Audit(Protocol):
    def write(
        self, *, now: datetime, who: Person, chat_id: int, did: str, verdict: str
    ) -> None: ...

    def count(self, *, since: datetime, verdicts: Collection[str]) -> int: ...


class Tx(Protocol):
    """One transaction."""

    @property
    def alerts(self) -> Alerts: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def buttons(self) -> Buttons: ...
    @property
    def checks(self) -> Checks: ...
    @property
    def audit(self) -> Audit: ...

    def remember(self, key: str, value: Json, now: datetime) -> None: ...

    def recall(self, key: str) -> Json: ...


class Store(Protocol):
    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction; whatever it raises undoes all of it."""
        ...

    async def read(self, work: Callable[[Tx], T]) -> T: ...


class Wake(Protocol):
    """Says that something became due, so that nobody has to poll."""

    def __call__(self) -> None: ...


__all__ = [
    "Alerts",
    "Audit",
    "Buttons",
    "Checks",
    "Facts",
    "Phrase",
    "Posts",
    "Runs",
    "Store",
    "Tx",
    "Wake",
]
