"""Answers to questions: read, rendered and sent in the background, never silently lost.

Updates are taken one after the other, so whatever asks the shop or Telegram runs as a task of
its own; the next tap does not wait for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.core import answers
from bot.core import asking as through
from bot.core.access import Access
from bot.core.book import Book
from bot.core.keyboard import Key, Keys
from bot.core.model import Moment, Person, Phrase, Unreadable, phrase
from bot.core.params import spoken
from bot.core.ports import Store, Tx
from bot.core.press import Asks, Said
from bot.core.question import (
    Asking,
    Command,
    Live,
    Order,
    Page,
    Wording,
    WrongArguments,
    parse,
)
from bot.core.records import Post, PostKind
from bot.core.tools import Tools
from bot.core.verbs import Verb
from bot.edges.tasks import Tasks
from bot.edges.telegram.keyboards import markup
from bot.edges.templates import Templates
from handlers.looking import Asked, Look, Looking
from handlers.place import Place, topic_of
from handlers.sending import Sender, Target

log = logging.getLogger(__name__)

FOLLOW_EVERY = 6.0  # seconds; alerts need most of the twenty messages a minute of a group
LONGEST = 15.0  # seconds; a person who waited that long asks again anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    store: Store
    book: Book
    access: Access
    tools: Tools
    templates: Templates
    wording: Wording
    commands: Mapping[str, Command]
    tasks: Tasks
    sender: Sender
    clock: Callable[[], datetime]
    interval: timedelta
    looking: Looking
    longest: float = LONGEST
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    followed: set[int] = field(default_factory=set)  # posts of answers that are kept up to date

    def say(self, text: Phrase, place: Place) -> None:
        """Send a sentence."""
        self.tasks.start(self._say(text, place), name="sentence")

    def toast(self, query: CallbackQuery, text: Phrase, *, loud: bool = False) -> None:
        """Answer a tap; what it changed is saved already."""
        words = self.templates.say_plain(text)
        self.tasks.start(self.sender.toast(query, words, loud=loud), name="toast")

    def command(
        self, command: Command, args: Mapping[str, int | str], who: Person, place: Place
    ) -> None:
        """Answer a command."""

        async def read() -> Page:
            return await through.answer(command, self._asking(who, place, args))

        again = f"{command.name} {spoken(command, args)}".strip()
        asked = Asked(who=who, again=again)
        self.tasks.start(self._answer(read, place, asked), name=f"/{command.name}")

    def order(
        self, command: Command, args: Mapping[str, int | str], who: Person, message: Message
    ) -> Order:
        """What somebody wants changed."""
        return Order(
            who=who,
            chat_id=message.chat.id,
            key=f"{message.chat.id}:{message.message_id}",
            now=self.clock(),
            text=message.text or "",
            args=args,
            book=self.book,
            wording=self.wording,
            usage=command.usage,
            topic_id=topic_of(message),
        )

    def done(self, outcome: Page | Phrase | None, place: Place) -> None:
        """Say what an order has changed; that is saved already."""
        if outcome is None:  # an action was asked for: its message is the courier's
            return
        if isinstance(outcome, Phrase):
            self.say(outcome, place)
            return

        async def show() -> None:
            text = self.templates.render(outcome.template, **outcome.values)
            await self._show(outcome, text, place)

        self.tasks.start(show(), name="done")

    def closed(self, said: Said, place: Place) -> None:
        """Put an answer away: a sentence takes its place, without buttons."""
        message_id = place.target.reply_to
        self.tasks.start(self._say(said.text, replace(place, message_id=message_id)), name="close")

    def noted(self, said: Said, place: Place, message_id: int) -> None:
        """Nod to a remark; where reactions are not allowed, with a sentence."""
        self.tasks.start(self._noted(said, place, message_id), name="noted")

    async def _noted(self, said: Said, place: Place, message_id: int) -> None:
        if said.loud or not await self.sender.nod(place.bot, place.target.chat_id, message_id):
            await self._say(said.text, place)

    def tapped(self, asks: Asks, who: Person, place: Place) -> None:
        """Answer a button that asks; buttons of an answer change that answer, but for a few."""
        known = self.commands.get(asks.question)
        if asks.post.kind is PostKind.ANSWER and not (known and known.apart):
            self.followed.discard(asks.post.id)
            place = replace(place, edit=asks.post, message_id=place.target.reply_to)

        async def read() -> Page:
            return await self._asked(asks, who, place)

        again = f"{asks.question} {asks.arg}".strip() if asks.question in self.commands else ""
        asked = Asked(who=who, again=again)
        self.tasks.start(self._answer(read, place, asked), name=f"ask {asks.question}")

    def left(self, post: Post, place: Place) -> None:
        """Stop looking something up; after a restart there is nothing to stop."""
        if not self.looking.stop(post.id):
            self.closed(Said(phrase("looking_lost")), place)

    async def _asked(self, asks: Asks, who: Person, place: Place) -> Page:
        runbook = self.book.runbook(asks.alert.check) if asks.alert else None
        for question in (runbook.diagnose, *runbook.questions) if runbook else ():
            if question.name == asks.question:
                facts = await question.read(self.tools, self._moment())
                return through.diagnosed(question, facts, asks.alert)
        command = self.commands.get(asks.question)
        if command is None:
            raise Unreadable(phrase("button_unknown"))
        if not command.permits(who.role):
            raise Unreadable(phrase("role_too_low", role=who.role, needed=command.role))
        return await through.answer(
            command, self._asking(who, place, parse(command, asks.arg.split()))
        )

    def _asking(self, who: Person, place: Place, args: Mapping[str, int | str]) -> Asking:
        return Asking(
            who=who,
            chat_id=place.target.chat_id,
            moment=self._moment(),
            tools=self.tools,
            store=self.store,
            book=self.book,
            access=self.access,
            args=args,
            wording=self.wording,
            commands=self.commands,
            interval=self.interval,
        )

    def _moment(self) -> Moment:
        return Moment(now=self.clock(), zone=self.book.policy.zone)

    async def _answer(
        self, read: Callable[[], Awaitable[Page]], place: Place, asked: Asked
    ) -> None:
        """Read and send; whatever goes wrong has a sentence."""
        found = await self.looking.wait(
            place.bot, place.target, asked, lambda: self._written(read)
        )
        if isinstance(found.outcome, Phrase):
            await self._told(found.outcome, found.look, place, asked)
            return
        page, text = found.outcome
        look = found.look
        if look is not None and page.table is None and place.edit is None:
            place = replace(place, edit=look.post, message_id=look.message_id)
            look = None
        post = await self._show(page, text, place)
        if look is not None:
            await self.looking.put_away(place.bot, look)
        if page.live is not None and post is not None:
            await self._follow(page.live, read, text, post)

    async def _written(self, read: Callable[[], Awaitable[Page]]) -> tuple[Page, str] | Phrase:
        """The answer and its text, or why there is none."""
        try:
            async with asyncio.timeout(self.longest):
                page = await read()
            return page, self.templates.render(page.template, **page.values)
        except (Unreadable, WrongArguments) as known:
            return known.why
        except TimeoutError:
            return phrase("answer_too_slow", seconds=self.longest)
        except Exception:
            log.exception("no answer")
            return phrase("answer_failed")

    async def _told(self, why: Phrase, look: Look | None, place: Place, asked: Asked) -> None:
        """Say why there is no answer, and offer what may help."""
        if look is None:
            await self._say(why, replace(place, message_id=None))
            return
        keys = []
        if asked.again:
            keys.append(Key("Ask again", Verb.ASK, asked.again))
            if asked.again.partition(" ")[0] in through.questions(self.commands):
                keys.append(Key("Explain", Verb.ASK, f"explain {asked.again}"))
        await self.looking.tell(place.bot, look, why, [keys] if keys else [])

    async def _say(self, text: Phrase, place: Place) -> None:
        await self.sender.text(
            place.bot, place.target, self.templates.say(text), message_id=place.message_id
        )

    async def _show(self, page: Page, text: str, place: Place) -> Place | None:
        """Send it; where its text and buttons can be changed afterwards."""
        if page.table is not None:
            await self.sender.file(place.bot, place.target, page.table, caption=text)
            return None
        target, post = await self._page(page.keys, text, place)
        if target is None:
            return None
        if page.chart is not None:
            await self.sender.chart(place.bot, target, page.chart)
        if page.document is not None:
            await self.sender.document(place.bot, target, page.document)
        return replace(place, edit=post, message_id=target.reply_to) if post else None

    async def _page(
        self, keys: Keys, text: str, place: Place
    ) -> tuple[Target | None, Post | None]:
        """Send or edit the text; buttons need a post that they are bound to."""
        post, buttons = await self.store.write(lambda tx: self._prepare(tx, keys, place))
        sent = await self.sender.text(
            place.bot,
            place.target,
            text,
            markup=buttons,
            message_id=place.message_id if place.edit else None,
        )
        if post is not None:
            await self.store.write(lambda tx: _record(tx, post, sent))
        return sent, post

    async def _follow(
        self, live: Live, read: Callable[[], Awaitable[Page]], text: str, place: Place
    ) -> None:
        """Keep an answer up to date by edits, until its time is over or a button is tapped."""
        post = place.edit
        assert post is not None  # noqa: S101  # live answers have a button that ends them
        self.followed.add(post.id)
        for _ in range(round(live.seconds / FOLLOW_EVERY)):
            await self.sleep(FOLLOW_EVERY)
            written = await self._written(read)
            if post.id not in self.followed:
                return
            if isinstance(written, Phrase):
                break
            if written[1] != text:  # Telegram counts edits, too
                text = written[1]
                await self._page(written[0].keys, text, place)
        if post.id in self.followed:
            self.followed.discard(post.id)
            await self._page(live.keys, text, place)

    def _prepare(
        self, tx: Tx, keys: Keys, place: Place
    ) -> tuple[Post | None, InlineKeyboardMarkup | None]:
        now = self.clock()
        post = place.edit
        if post is None and keys:
            post = answers.reserve(
                tx, chat_id=place.target.chat_id, topic_id=place.target.topic_id, now=now
            )
        return post, markup(tx, post.id, keys, now) if post else None


def _record(tx: Tx, post: Post, sent: Target | None) -> None:
    if sent is None or sent.reply_to is None:
        answers.lost(tx, post.id, "not sent")
    else:
        answers.shown(tx, post.id, chat_id=sent.chat_id, message_id=sent.reply_to)
