"""Messages of ours, and the buttons under them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.records import (
    Button,
    Post,
)


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

    def cards_between(self, chat_id: int, since: datetime, until: datetime) -> int:
        """How many alerts a chat was given cards of in that time."""
        ...

    def open_storm(self, chat_id: int, since: datetime, until: datetime) -> Post | None:
        """The chat's newest storm message that has last grown in that time."""
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

    def leave(self, known: Collection[int], reason: str) -> Sequence[int]:
        """Nothing more is shown in any chat but the `known` ones; return those there were."""
        ...

    def come_back(self, known: Collection[int], reason: str) -> None:
        """Cards of what is open are due again where that was the reason, and is no more."""
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
