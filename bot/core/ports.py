"""The assistant's own tables, as the use cases see them. The store implements these.

Use cases are plain functions of a `Tx`: what they read and write is one transaction, on one
thread, all or nothing. So a state change and the wish to tell it are always saved together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.core.model import Alert, Facts, Json, Person, Reading, Severity
from bot.core.planned import Entry
from bot.core.records import (
    Beat,
    Button,
    CheckState,
    Group,
    HistoryEntry,
    Look,
    Post,
    Promise,
    Run,
    RunState,
    Silence,
)
from bot.core.series import Sample, Stretch
from bot.core.todo import Item, ItemState

T = TypeVar("T")


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

    def entries_since(self, start: datetime) -> Sequence[HistoryEntry]:
        """History of all alerts since then, in the order it happened."""
        ...

    def groups_of(self, post_id: int) -> Sequence[Group]:
        """The alerts that share a message, by number."""
        ...

    def worst_of(self, post_id: int, most: int, *, firing: bool = False) -> Sequence[Alert]:
        """The first of the alerts that share a message, worst and oldest first."""
        ...

    def since(self, start: datetime, check: str | None = None) -> Sequence[Alert]:
        """Alerts that were open at any time since `start`, the newest first."""
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
        """Open alerts whose cause is over."""
        ...

    def openings(
        self, check: str, since: datetime, subjects: Collection[str] | None = None
    ) -> Mapping[str, int]:
        """How often each subject of a check opened, reopened or resolved since."""
        ...


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

    def next_at(self, after: datetime) -> datetime | None:
        """When the next message that is put off may be tried."""
        ...

    def of_alert(self, alert_id: int) -> Sequence[Post]: ...

    def of_run(self, run_id: int) -> Sequence[Post]: ...

    def of_item(self, item_id: int) -> Sequence[Post]:
        """Messages of a step of the checklist, the oldest first."""
        ...

    def at(self, chat_id: int, message_id: int) -> Post | None: ...

    def want_run(self, run_id: int) -> None:
        """The run changed: what shows it is due again."""
        ...

    def want_item(self, item_id: int) -> None:
        """The step changed: its first message and its newest are due again."""
        ...

    def chat_moved(self, old: int, new: int) -> None: ...

    def cards_since(self, chat_id: int, since: datetime) -> int:
        """How many alerts a chat was given cards of since then."""
        ...

    def open_storm(self, chat_id: int, since: datetime) -> Post | None:
        """The chat's newest storm message that has grown since then."""
        ...

    def join(self, post_id: int, *alert_ids: int) -> None:
        """Put alerts into a digest, and make the digest due."""
        ...

    def members(self, post_id: int) -> Sequence[int]:
        """The alerts of a digest, by id."""
        ...

    def digests_of(self, alert_id: int) -> Sequence[Post]: ...

    def absorb(self, post_id: int, cards: Sequence[Post]) -> None:
        """Let a digest tell the alerts of cards that nobody has seen; the cards go."""
        ...

    def unseen(self, chat_id: int) -> Sequence[Post]:
        """Cards of this chat that were never sent."""
        ...

    def over_unseen(self, chat_id: int, before: datetime) -> Sequence[Post]:
        """Cards asked for before then and never sent, whose alert is over by now."""
        ...

    def unseen_digest(self, chat_id: int) -> Post | None:
        """A digest of what came and went that is still to be sent."""
        ...

    def replies(self, post_id: int) -> Sequence[Post]: ...

    def refresh(self) -> int:
        """Make the cards of open alerts due once more, with fresh buttons; say how many."""
        ...

    def undelivered(self, before: datetime) -> Mapping[int, str]:
        """Open alerts that no chat could be shown since `before`, and the last trouble."""
        ...

    def give_up(self, chat_id: int, reason: str) -> Sequence[int]:
        """Nothing more is sent to this chat; return the open alerts it should have shown."""
        ...

    def mark_broken(self, chat_id: int, reason: str, now: datetime) -> bool:
        """Give a chat up; false: it was already."""
        ...

    def mend(self, chat_id: int) -> bool:
        """The chat takes messages again: what is dead there is due once more."""
        ...

    def broken(self) -> Mapping[int, str]:
        """Chats given up, with the reason."""
        ...

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


class Audit(Protocol):
    def write(
        self, *, now: datetime, who: Person, chat_id: int, did: str, verdict: str
    ) -> None: ...

    def count(self, *, since: datetime, verdicts: Collection[str]) -> int: ...

    def looks(self, words: str, *, since: datetime) -> Sequence[Look]:
        """Questions asked by buttons that say these words first; what follows is the question."""
        ...

    def forget(self, before: datetime) -> int: ...


class Series(Protocol):
    """Numbers over time (see `bot.core.series`): by the minute for 35 days, then by the hour."""

    def keep(self, samples: Sequence[Sample], now: datetime) -> None: ...

    def stretches(
        self, name: str, subject: str, *, since: datetime, until: datetime, seconds: int
    ) -> Sequence[Stretch]:
        """What was kept from `since` to before `until`, summed up by `seconds`, oldest first.

        Stretches begin at multiples of `seconds` since 1970; one without a round is left out.
        Those older than 35 days are an hour wide at least.
        """
        ...

    def sums(self, prefix: str, *, since: datetime, until: datetime) -> Mapping[str, float]:
        """The sum of each series whose name begins so, by the rest of its name."""
        ...

    def subjects(self, name: str) -> Sequence[str]: ...

    def shrink(self, now: datetime) -> int:
        """Sum up or forget a small batch of what is old; how much of it there was."""
        ...


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
