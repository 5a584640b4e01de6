"""Makes the chats show what the tables say, within Telegram's limits.

Nothing is sent because something happened: whatever is behind its tables gets one request that
closes the difference, and is marked as shown only after Telegram has answered. So a crash, a
429 or an outage delays a message and never loses it, and ten changes become one edit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiogram import Bot

from bot.core import catchup, reach, telling, todo_reminders
from bot.core.model import phrase
from bot.core.ports import Store, Tx
from bot.core.records import Post, PostKind, PostState
from bot.edges.cards import Cards
from bot.edges.tasks import Tasks
from bot.edges.telegram.api import (
    OUTCOMES,
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
    deliver,
)
from bot.edges.telegram.fitting import fit, fit_html
from bot.edges.telegram.keyboards import markup
from bot.edges.telegram.limits import Pace
from bot.edges.telegram.line import Line, backoff
from bot.edges.templates import plain

log = logging.getLogger(__name__)

IDLE = 30.0  # seconds after which the tables are looked at even if nobody called
REPEAT_AFTER = timedelta(seconds=30)  # a lost answer: time for a tap to show that it arrived
AFTER_TROUBLE = 1.0  # seconds a lane rests after a failure of our own
STORM_PAUSE = timedelta(seconds=10)  # a storm grows by edits, and they must leave room for cards


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed post with the request that brings it up to date."""

    post: Post
    version: int
    draft: Draft


@dataclass(kw_only=True)
class Courier:
    """`wake()` after a change; one lane for each chat, so one slow chat stops no other.

    `observe` is told of each request: the kind of message, what came of it, and for a new message
    that arrived the seconds since somebody wanted it told.
    """

    bot: Bot
    store: Store
    cards: Cards
    pace: Pace
    tasks: Tasks
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    observe: Callable[[str, str, float | None], None] = lambda _kind, _outcome, _delay: None
    line: Line = field(init=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.line = Line(bot=self.bot, clock=self.pace.clock)

    def wake(self) -> None:
        self._woken.set()

    async def recover(self) -> None:
        """After a start: requests without an answer may or may not have been carried out."""

        def doubt(tx: Tx) -> None:
            for post in tx.posts.sending():
                tx.posts.save(replace(post, state=PostState.UNCERTAIN, not_before=None))

        await self.store.write(doubt)

    async def run(self) -> None:
        """For ever: open a lane for each chat that is behind."""
        while True:
            self._woken.clear()
            now = self.clock()
            for chat_id in await self._behind(now):
                if not await self.line.up():
                    break
                if chat_id not in self._lanes:
                    self._lanes.add(chat_id)
                    self.tasks.start(self._lane(chat_id), name=f"chat {chat_id}")
            await self._rest(now)

    async def _rest(self, looked_at: datetime) -> None:
        """Until something comes or becomes due: what was due already has its lane."""
        next_at = await self.store.read(lambda tx: tx.posts.next_at(looked_at))
        wait = IDLE if next_at is None else (next_at - self.clock()).total_seconds()
        if self.line.down:
            wait = self.line.wait
        try:
            async with asyncio.timeout(min(max(wait, 0.05), IDLE)):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _lane(self, chat_id: int) -> None:
        """Bring one chat up to date, the worst first; what came meanwhile is one edit."""
        try:
            while True:
                while (pause := self.pace.wait(chat_id)) > 0:
                    await self.sleep(pause)
                if self.line.down or not await self._show_next(chat_id):
                    return
        except Exception:
            # It is woken at once when it ends: a full disk would make it spin.
            log.exception("chat could not be brought up to date", extra={"chat": chat_id})
            await self.sleep(AFTER_TROUBLE)
        finally:
            self._lanes.discard(chat_id)
            self.wake()

    async def _behind(self, now: datetime) -> list[int]:
        return await self.store.read(lambda tx: list(tx.posts.due_chats(now)))

    async def _show_next(self, chat_id: int) -> bool:
        now = self.clock()
        job = await self.store.write(lambda tx: self._claim(tx, chat_id, now))
        if job is None:
            return False
        self.pace.spend(job.draft.chat_id)
        outcome = await deliver(self.bot, job.draft)
        self._heed(outcome, job.draft.chat_id)
        self.observe(job.post.kind, OUTCOMES[type(outcome)], self._delay(job, outcome))
        await self._keep(job, outcome)
        return True

    def _delay(self, job: Job, outcome: Outcome) -> float | None:
        """Seconds that a new message took from the wish to the answer."""
        if job.draft.message_id is not None or not isinstance(outcome, Sent):
            return None
        return (self.clock() - job.post.created_at).total_seconds()

    async def _keep(self, job: Job, outcome: Outcome) -> None:
        """Save what came of it: forgotten, it would be sent again."""
        tries = 0
        while True:
            try:
                await self.store.write(lambda tx: self._record(tx, job, outcome))
            except Exception:
                log.exception("delivery not saved, trying again", extra={"post": job.post.id})
                await self.sleep(backoff(tries))
                tries += 1
            else:
                return

    def _heed(self, outcome: Outcome, chat_id: int) -> None:
        """What an answer means for all that follows it."""
        match outcome:
            case Later(seconds):
                self.pace.refused(seconds, chat_id)
            case Lost() | Unreached():
                self.line.broke()
            case Sent():
                self.pace.answered()
            case _:
                pass

    def _claim(self, tx: Tx, chat_id: int, now: datetime) -> Job | None:
        post = catchup.next_post(tx, chat_id, now)
        if post is None:
            return None
        page = self.cards.page(tx, post, now)
        text = page.text
        if post.state is PostState.UNCERTAIN and post.message_id is None:
            post = replace(post, repeats=post.repeats + 1)
            text = self.cards.templates.render("_repeat.html.j2", text=text, post=post)
        reply = tx.posts.get(post.reply_to) if post.reply_to is not None else None
        fitting = None if post.plain else fit_html(text, self._more)
        draft = Draft(
            chat_id=post.chat_id,
            topic_id=post.topic_id,
            message_id=post.message_id,
            text=fit(plain(text)) if fitting is None else fitting,
            plain=fitting is None,
            reply_to=reply.message_id if reply else None,
            markup=markup(tx, post.id, page.keys, now, only_user=page.only_user),
            silent=page.silent,
        )
        if post.message_id is None:
            # A card sent silently has still to ring when what kept it quiet is over.
            post = replace(post, state=PostState.SENDING, silent=page.silent)
            tx.posts.save(post)
        return Job(post, page.version, draft)

    def _more(self, count: int) -> str:
        return self.cards.templates.say(phrase("more_lines", count=count))

    def _record(self, tx: Tx, job: Job, outcome: Outcome) -> None:
        # A tap may have told the message's number meanwhile; never overwrite it with nothing.
        post = tx.posts.get(job.post.id) or job.post
        changed = self._after(tx, post, job, outcome)
        if changed is not None:
            tx.posts.save(changed)

    def _after(self, tx: Tx, post: Post, job: Job, outcome: Outcome) -> Post | None:
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
            case Gone() if post.kind is PostKind.NOTICE:
                return replace(post, state=PostState.DEAD, error="gone")  # nothing left to correct
            case Gone():
                return replace(waiting, message_id=None, shown=0)
            case NoTopic():
                return replace(waiting, topic_id=None)
            case BadMarkup():
                log.error("markup refused, sent as text", extra={"post": post.id})
                return replace(waiting, plain=True)

    def _sent(self, tx: Tx, post: Post, job: Job, message_id: int) -> Post:
        if post.chat_id in tx.posts.broken():
            reach.mended(tx, self.cards.book.policy, post.chat_id, self.clock())
        rest = self.clock() + STORM_PAUSE if post.kind is PostKind.STORM else None
        return replace(
            post,
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
        if reach.broke(tx, self.cards.book.policy, post.chat_id, error, self.clock()):
            log.error("a chat takes no messages", extra={"chat": post.chat_id, "error": error})
            todo_reminders.undelivered(tx, self.cards.book.policy, post.chat_id, self.clock())
            return None  # all that waited there is given up already
        return self._dead(tx, post, error)

    def _dead(self, tx: Tx, post: Post, error: str) -> Post:
        log.error(
            "message can never be delivered",
            extra={"post": post.id, "chat": post.chat_id, "error": error, "alert": post.alert_id},
        )
        alert = tx.alerts.get(post.alert_id) if post.alert_id is not None else None
        if alert is not None and post.kind is PostKind.CARD:
            policy = self.cards.book.policy
            telling.tell(tx, policy, alert, self.clock(), escalated=True)
        dead = replace(post, state=PostState.DEAD, error=error)
        if post.kind is PostKind.TODO:
            tx.posts.save(dead)
            todo_reminders.undelivered(tx, self.cards.book.policy, post.chat_id, self.clock())
        return dead
