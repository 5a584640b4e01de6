"""What Telegram's answer makes of a message, in the tables."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import cards, enclosed, reach, todo_reminders
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState
from bot.edges.telegram.api import (
    BadMarkup,
    Closed,
    Dead,
    Draft,
    Gone,
    Later,
    Lost,
    Moved,
    NoTopic,
    Outcome,
    Sent,
    Unreached,
)
from bot.edges.telegram.line import backoff

log = logging.getLogger(__name__)

REPEAT_AFTER = timedelta(seconds=30)  # a lost answer: time for a tap to show that it arrived
MOVED_ANEW = (PostKind.CARD, PostKind.RUN)  # shown once more in a chat that has moved
STORM_PAUSE = timedelta(seconds=10)  # a storm grows by edits, and they must leave room for cards


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed post with the request that brings it up to date.

    `unmade`: it was not claimed, its file must be made first. `look` is the digest of what people
    will see; `unchanged`: they see it already, and it is marked as shown.
    """

    post: Post
    version: int
    draft: Draft
    unmade: bool = False
    look: bytes = b""
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Functions of the transaction that saves an answer."""

    policy: Policy
    clock: Callable[[], datetime]

    def of(self, tx: Tx, post: Post, job: Job, outcome: Outcome) -> Post | None:
        """The post as it is now; None: it is saved already."""
        match outcome:
            case Sent(message_id):
                return self._sent(tx, post, job, message_id)
            case Moved(new_id):
                old_id = job.draft.chat_id
                if post.chat_id == old_id:  # else the move was noticed while this was under way
                    tx.posts.save(replace(post, state=PostState.WAITING))
                tx.posts.chat_moved(old_id, new_id)
                return None
            case Later() | Unreached() | Lost():
                return self._later(post, outcome)
            case Gone() | NoTopic() | BadMarkup():
                return self._otherwise(post, outcome)
            case Closed(error):
                return self._closed(tx, post, error)
            case Dead(error):
                return self._dead(tx, post, error)

    def _later(self, post: Post, outcome: Later | Unreached | Lost) -> Post:
        match outcome:
            case Later(seconds):
                return self._again(post, seconds, "429", spent=False)
            case Unreached(error):
                return self._again(post, 0.0, error)  # the line is asked first
            case Lost(error):
                return self._uncertain(post, error)

    @staticmethod
    def _otherwise(post: Post, outcome: Gone | NoTopic | BadMarkup) -> Post:
        """The same, at once, in another way."""
        waiting = replace(post, state=PostState.WAITING)
        match outcome:
            case Gone() if post.kind in {PostKind.NOTICE, PostKind.TODO}:
                return replace(post, state=PostState.DEAD, error="gone")  # nothing left to correct
            case Gone():
                return replace(waiting, message_id=None, shown=0)
            case NoTopic():
                return replace(waiting, topic_id=None)
            case BadMarkup():
                log.error("refused, sent as text", extra={**post.named, "kind": post.kind})
                return replace(waiting, plain=True)

    def _sent(self, tx: Tx, post: Post, job: Job, message_id: int) -> Post | None:
        if post.chat_id != job.draft.chat_id and post.kind in MOVED_ANEW:
            return None  # its group moved while this was under way: that number is the old chat's
        if post.chat_id in tx.posts.broken():
            reach.mended(tx, self.policy, post.chat_id, self.clock())
        now = self.clock()
        rest = now + STORM_PAUSE if post.kind is PostKind.STORM else None
        if post.kind is PostKind.FILE:
            post = replace(post, context={})  # a whole table may be in it
        return replace(
            enclosed.follow(tx, post, now),
            state=PostState.SHOWN,
            message_id=message_id,
            shown=job.version,
            attempts=0,
            not_before=rest,
            error=None,
        )

    def _again(self, post: Post, seconds: float, error: str, *, spent: bool = True) -> Post:
        return replace(
            post,
            state=PostState.WAITING if post.message_id is None else PostState.SHOWN,
            attempts=post.attempts + spent,
            not_before=self.clock() + timedelta(seconds=seconds),
            error=error,
        )

    def _uncertain(self, post: Post, error: str) -> Post:
        if post.message_id is not None:  # an edit can be repeated without harm
            return self._again(post, backoff(post.attempts), error)
        wait = REPEAT_AFTER if not post.attempts else timedelta(seconds=backoff(post.attempts))
        return replace(
            post,
            state=PostState.UNCERTAIN,
            attempts=post.attempts + 1,
            not_before=self.clock() + wait,
            error=error,
        )

    def _closed(self, tx: Tx, post: Post, error: str) -> Post | None:
        """Nothing reaches this chat: its alerts go to the admin chat."""
        if reach.broke(tx, self.policy, post.chat_id, error, self.clock()):
            log.error("a chat takes no messages", extra={"chat": post.chat_id, "error": error})
            todo_reminders.undelivered(tx, self.policy, post.chat_id, self.clock())
            return None  # all that waited there is given up already
        return self._dead(tx, post, error)

    def _dead(self, tx: Tx, post: Post, error: str) -> Post:
        log.error(
            "message can never be delivered",
            extra={**post.named, "chat": post.chat_id, "error": error},
        )
        alert = tx.alerts.get(post.alert_id) if post.alert_id is not None else None
        if alert is not None and post.kind is PostKind.CARD:
            cards.give(tx, self.policy, alert, self.clock(), escalated=True)
        dead = replace(post, state=PostState.DEAD, error=error)
        if post.kind is PostKind.TODO:
            tx.posts.save(dead)
            todo_reminders.undelivered(tx, self.policy, post.chat_id, self.clock())
        return dead
