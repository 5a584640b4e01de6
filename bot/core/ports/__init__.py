"""The assistant's own tables, as the use cases see them. The store implements these.

Use cases are plain functions of a `Tx`: what they read and write is one transaction, on one
thread, all or nothing. So a state change and the wish to tell it are always saved together.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from bot.core.model import Json
from bot.core.ports.alerts import Alerts, Heard, Silences
from bot.core.ports.due import Beats, Checks, Schedules, Todos
from bot.core.ports.posts import Buttons, Posts
from bot.core.ports.runs import Audit, Runs
from bot.core.ports.series import Series

__all__ = [
    "Alerts",
    "Audit",
    "Beats",
    "Buttons",
    "Checks",
    "Heard",
    "Posts",
    "Runs",
    "Schedules",
    "Series",
    "Silences",
    "Store",
    "Todos",
    "Tx",
    "Wake",
]

T = TypeVar("T")


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
    def silences(self) -> Silences: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def heard(self) -> Heard: ...
    @property
    def beats(self) -> Beats: ...
    @property
    def series(self) -> Series: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def todos(self) -> Todos: ...

    def forget(self, before: datetime) -> int:
        """Take away a batch of what was over before then; how much, 0 when there is no more."""
        ...

    def next_due(self, after: datetime) -> datetime | None:
        """The first time after this one at which a row wants something done."""
        ...

    def remember(self, key: str, value: Json, now: datetime) -> None: ...

    def recall(self, key: str) -> Json: ...


class Store(Protocol):
    async def write(self, work: Callable[[Tx], T], *, durable: bool = False) -> T:
        """Run `work` in one transaction; whatever it raises undoes all of it.

        `durable`: not even a power cut may undo it. A killed process never can.
        """
        ...

    async def read(self, work: Callable[[Tx], T]) -> T: ...


class Wake(Protocol):
    """Says that something became due, so that nobody has to poll."""

    def __call__(self) -> None: ...
