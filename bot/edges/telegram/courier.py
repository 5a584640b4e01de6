"""Makes the chats show what the tables say, within Telegram's limits.

Nothing is sent because something happened: whatever is behind its tables gets one request that
closes the difference, and is marked as shown only after Telegram has answered. So a crash, a
429 or an outage delays a message and never loses it, and ten changes become one edit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiogram import Bot

from bot.core import catchup
from bot.core.model import phrase
from bot.core.ports import Store, Tx
from bot.core.records import Post, PostKind, PostState
from bot.edges.cards import Cards
from bot.edges.charts import Charts
from bot.edges.tasks import Tasks
from bot.edges.telegram.aftermath import Aftermath, Job
from bot.edges.telegram.api import (
    OUTCOMES,
    Draft,
    File,
    Later,
    Lost,
    Outcome,
    Sent,
    Unreached,
    deliver,
)
from bot.edges.telegram.enclosures import Enclosures
from bot.edges.telegram.fitting import fit, fit_html
from bot.edges.telegram.keyboards import markup
from bot.edges.telegram.limits import Pace
from bot.edges.telegram.line import Line, backoff
from bot.edges.telegram.looks import Look, Looks, digest
from bot.edges.templates import plain

log = logging.getLogger(__name__)

IDLE = 30.0  # seconds after which the tables are looked at even if nobody called
AFTER_TROUBLE = 1.0  # seconds a lane rests after a failure of our own


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
    charts: Charts = field(default_factory=Charts)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    observe: Callable[[str, str, float | None], None] = lambda _kind, _outcome, _delay: None
    enclosures: Enclosures = field(init=False)
    line: Line = field(init=False)
    _files: dict[int, File] = field(default_factory=dict)  # made, and not sent yet
    _looks: Looks = field(default_factory=Looks)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.line = Line(bot=self.bot, clock=self.pace.clock)
        self.enclosures = Enclosures(
            say=lambda words: plain(self.cards.templates.say(words)),
            charts=self.charts,
            redact=self.cards.templates.redact,
        )

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
        if job.unmade:
            await self._make(job.post)
            return True
        if job.unchanged:
            return True
        self.pace.spend(job.draft.chat_id)
        outcome = await deliver(self.bot, job.draft)
        self._heed(outcome, job.draft.chat_id)
        self.observe(job.post.kind, OUTCOMES[type(outcome)], self._delay(job, outcome))
        await self._keep(job, outcome)
        return True

    async def _make(self, post: Post) -> None:
        """Make its file before anything is claimed: this takes a while, and may fail."""
        try:
            self._files[post.id] = await self.enclosures.made(post.context)
        except Exception:
            log.exception("file not made", extra=post.named)
            await self.store.write(lambda tx: tx.posts.save(replace(post, plain=True)))

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
                log.exception("delivery not saved, trying again", extra=job.post.named)
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
        file = None if post.plain else self._files.get(post.id)
        if post.kind is PostKind.FILE and not post.plain and file is None:
            return Job(post, 0, Draft(chat_id=post.chat_id, text=""), unmade=True)
        page = self.cards.page(tx, post, now)
        text = page.text
        if post.state is PostState.UNCERTAIN and post.message_id is None:
            post = replace(post, repeats=post.repeats + 1)
            text = self.cards.templates.render("_repeat.html.j2", text=text, post=post)
        look = digest(page, text, plain=post.plain)
        if post.message_id is not None and self._looks.same(post, look, now):
            shown = replace(post, shown=page.version, attempts=0, not_before=None, error=None)
            tx.posts.save(shown)
            return Job(post, page.version, Draft(chat_id=chat_id, text=""), unchanged=True)
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
            file=file,
        )
        if post.message_id is None:
            # A card sent silently has still to ring when what kept it quiet is over.
            post = replace(post, state=PostState.SENDING, silent=page.silent)
            tx.posts.save(post)
        return Job(post, page.version, draft, look=look)

    def _more(self, count: int) -> str:
        return self.cards.templates.say(phrase("more_lines", count=count))

    def _record(self, tx: Tx, job: Job, outcome: Outcome) -> None:
        # A tap may have told the message's number meanwhile; never overwrite it with nothing.
        post = tx.posts.get(job.post.id) or job.post
        if not isinstance(outcome, Later | Unreached | Lost):  # else it is sent again soon
            self._files.pop(post.id, None)
        aftermath = Aftermath(policy=self.cards.book.policy, clock=self.clock)
        changed = aftermath.of(tx, post, job, outcome)
        if changed is not None:
            tx.posts.save(changed)
        if isinstance(outcome, Sent) and changed is not None and changed.message_id is not None:
            self._looks.keep(post.id, Look(changed.message_id, job.look, self.clock()))
        else:
            self._looks.forget(post.id)
