"""Shows pages in chats: text with the buttons of its post, and the files that go with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from aiogram.types import InlineKeyboardMarkup

from bot.core import answers
from bot.core.keyboard import Keys
from bot.core.model import Phrase
from bot.core.ports import Store, Tx
from bot.core.question import Page
from bot.core.records import Post
from bot.edges.telegram.keyboards import markup
from bot.edges.templates import Templates
from handlers.place import Place
from handlers.sending import Sender, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    store: Store
    sender: Sender
    templates: Templates
    clock: Callable[[], datetime]

    async def say(self, text: Phrase, place: Place) -> None:
        await self.sender.text(
            place.bot, place.target, self.templates.say(text), message_id=place.message_id
        )

    async def show(self, page: Page, text: str, place: Place) -> Place | None:
        """Send it; where its text and buttons can be changed afterwards."""
        if page.table is not None:
            await self.sender.file(place.bot, place.target, page.table, caption=text)
            return None
        target, post = await self.put(page.keys, text, place)
        if target is None:
            return None
        if page.chart is not None:
            await self.sender.chart(place.bot, target, page.chart)
        if page.document is not None:
            await self.sender.document(place.bot, target, page.document)
        return replace(place, edit=post, message_id=target.reply_to) if post else None

    async def put(self, keys: Keys, text: str, place: Place) -> tuple[Target | None, Post | None]:
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
