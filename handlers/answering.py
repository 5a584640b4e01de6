"""Answers to questions: read, rendered and sent in the background, never silently lost.

Updates are taken one after the other, so whatever asks the shop or Telegram runs as a task of
its own; the next tap does not wait for it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from aiogram.types import CallbackQuery, Message

from bot.core import asking as through
from bot.core.access import Access
from bot.core.book import Book
from bot.core.detectors import FRESH, Detectors
from bot.core.keyboard import Key
from bot.core.model import Moment, Person, Phrase, Unreadable, phrase
from bot.core.params import spoken
from bot.core.ports import Store
from bot.core.press import Asks, Said
from bot.core.question import Asking, Command, Order, Page, Wording, parse
from bot.core.records import Post, PostKind
from bot.core.tools import Tools
from bot.core.verbs import Verb
from bot.edges.round_report import counts
from bot.edges.tasks import Tasks
from bot.edges.templates import Templates
from handlers.following import Following
from handlers.looking import Asked, Look, Looking
from handlers.pages import Pages
from handlers.place import Place, topic_of
from handlers.sending import Sender
from handlers.writing import written

log = logging.getLogger(__name__)

LONGEST_ROUNDS = 120.0  # seconds for a round of every check
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
    pages: Pages
    following: Following
    detectors: Detectors
    longest: float = LONGEST

    def say(self, text: Phrase, place: Place) -> None:
        """Send a sentence."""
        self.tasks.start(self.pages.say(text, place), name="sentence")

    def toast(self, query: CallbackQuery, text: Phrase, *, loud: bool = False) -> None:
        """Answer a tap; what it changed is saved already."""
        words = self.templates.say_plain(text)
        self.tasks.start(self.sender.toast(query, words, loud=loud), name="toast")

    def command(
        self, command: Command, args: Mapping[str, int | str], who: Person, place: Place
    ) -> None:
        """Answer a command."""

        async def read(admins: int) -> Page:
            return await through.answer(command, self._asking(who, place, args, admins))

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
            await self.pages.show(outcome, text, place)

        self.tasks.start(show(), name="done")

    def closed(self, said: Said, place: Place) -> None:
        """Put an answer away: a sentence takes its place, without buttons."""
        message_id = place.target.reply_to
        self.tasks.start(
            self.pages.say(said.text, replace(place, message_id=message_id)), name="close"
        )

    def noted(self, said: Said, place: Place, message_id: int) -> None:
        """Nod to a remark; where reactions are not allowed, with a sentence."""
        self.tasks.start(self._noted(said, place, message_id), name="noted")

    async def _noted(self, said: Said, place: Place, message_id: int) -> None:
        if said.loud or not await self.sender.nod(place.bot, place.target.chat_id, message_id):
            await self.pages.say(said.text, place)

    def tapped(self, asks: Asks, who: Person, place: Place) -> None:
        """Answer a button that asks; buttons of an answer change that answer, but for a few."""
        known = self.commands.get(asks.question)
        if asks.post.kind is PostKind.ANSWER and not (known and known.apart):
            self.following.stop(asks.post.id)
            place = replace(place, edit=asks.post, message_id=place.target.reply_to)

        async def read(admins: int) -> Page:
            return await self._asked(asks, who, place, admins)

        again = f"{asks.question} {asks.arg}".strip() if asks.question in self.commands else ""
        asked = Asked(who=who, again=again)
        self.tasks.start(self._answer(read, place, asked), name=f"ask {asks.question}")

    def checked(self, post: Post, who: Person, place: Place) -> None:
        """Run all checks, and show in the answer's place what they saw."""
        self.following.stop(post.id)
        place = replace(place, edit=post, message_id=place.target.reply_to)

        async def read(admins: int) -> Page:
            done = await self.detectors.run(fresh=FRESH)
            asking = self._asking(who, place, {}, admins)
            page = await self.commands["checks"].read(asking)  # type: ignore[misc]  # it has one
            return replace(
                page, values={**page.values, "ran": counts(done.rounds), "took": done.seconds}
            )

        asked = Asked(
            who=who,
            says=phrase("checks_running", count=len(self.book.watched)),
            stopped=phrase("checks_go_on"),
        )
        self.tasks.start(self._answer(read, place, asked, LONGEST_ROUNDS), name="run checks")

    def left(self, post: Post, place: Place) -> None:
        """Stop looking something up; after a restart there is nothing to stop."""
        if not self.looking.stop(post.id):
            self.closed(Said(phrase("looking_lost")), place)

    async def _asked(self, asks: Asks, who: Person, place: Place, admins: int) -> Page:
        runbook = self.book.runbook(asks.alert.check) if asks.alert else None
        for question in (runbook.diagnose, *runbook.questions) if runbook else ():
            if question.name == asks.question:
                asking = self._asking(who, place, {}, admins)
                facts = await question.read(self.tools, asking.moment)
                return through.diagnosed(asking, question, facts, asks.alert)
        command = self.commands.get(asks.question)
        if command is None:
            raise Unreadable(phrase("button_unknown"))
        if not command.permits(who.role):
            raise Unreadable(phrase("role_too_low", role=who.role, needed=command.role))
        args = parse(command, asks.arg.split())
        return await through.answer(command, self._asking(who, place, args, admins))

    def _asking(
        self, who: Person, place: Place, args: Mapping[str, int | str], admins: int
    ) -> Asking:
        return Asking(
            who=who,
            chat_id=place.target.chat_id,
            of_admins=place.target.chat_id == admins,
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
        self,
        asks: Callable[[int], Awaitable[Page]],
        place: Place,
        asked: Asked,
        longest: float | None = None,
    ) -> None:
        """Read and send; whatever goes wrong has a sentence, our own tables too."""
        try:
            await self._answered(asks, place, asked, longest or self.longest)
        except Exception:
            log.exception("no answer")
            await self.pages.say(phrase("answer_failed"), replace(place, message_id=None))

    async def _answered(
        self, asks: Callable[[int], Awaitable[Page]], place: Place, asked: Asked, longest: float
    ) -> None:
        admins = self.book.policy.admin_chat.chat
        # Before patience begins to count: nothing is said to take long without these tables.
        read = partial(asks, await self.store.read(lambda tx: tx.posts.new_id(admins)))
        found = await self.looking.wait(
            place.bot,
            place.target,
            asked,
            lambda: written(self.templates, read, longest),
        )
        if isinstance(found.outcome, Phrase):
            await self._told(found.outcome, found.look, place, asked)
            return
        page, text = found.outcome
        look = found.look
        if look is not None and page.table is None and place.edit is None:
            place = replace(place, edit=look.post, message_id=look.message_id)
            look = None
        post = await self.pages.show(page, text, place)
        if look is not None:
            await self.looking.put_away(place.bot, look)
        if page.live is not None and post is not None:
            await self.following.follow(
                page.live, lambda: written(self.templates, read, self.longest), text, post
            )

    async def _told(self, why: Phrase, look: Look | None, place: Place, asked: Asked) -> None:
        """Say why there is no answer, and offer what may help."""
        if look is None:
            await self.pages.say(why, replace(place, message_id=None))
            return
        keys = []
        if asked.again:
            keys.append(Key("Ask again", Verb.ASK, asked.again))
            if asked.again.partition(" ")[0] in through.questions(self.commands):
                keys.append(Key("Explain", Verb.ASK, f"explain {asked.again}"))
        await self.looking.tell(place.bot, look, why, [keys] if keys else [])
