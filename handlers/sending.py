"""One answer to Telegram, with patience for its refusals.

Answers are not kept and repeated as alerts are: a person is waiting, and will ask again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
)

from bot.core.model import phrase
from bot.core.ports import Store
from bot.core.question import Chart, Document, Table
from bot.edges.charts import Charts
from bot.edges.telegram.api import (
    BadMarkup,
    Draft,
    Gone,
    Later,
    Lost,
    Moved,
    NoTopic,
    Sent,
    Unreached,
    deliver,
)
from bot.edges.telegram.fitting import LONGEST_CAPTION, fit, fit_html
from bot.edges.telegram.limits import Pace
from bot.edges.templates import Templates, plain

log = logging.getLogger(__name__)

ATTEMPTS = 4
PATIENCE = 20.0  # seconds; who is told to wait longer is not answered
TOAST = 200  # characters
NOD = "👌"
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A chat, its topic, and the message to reply to."""

    chat_id: int
    topic_id: int | None = None
    reply_to: int | None = None

    @property
    def reply(self) -> ReplyParameters | None:
        if self.reply_to is None:
            return None
        return ReplyParameters(message_id=self.reply_to, allow_sending_without_reply=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    store: Store
    templates: Templates
    charts: Charts
    pace: Pace | None = None  # shared with the courier: together they stay below the limits
    sleep: Sleep = asyncio.sleep

    async def text(
        self,
        bot: Bot,
        target: Target,
        text: str,
        *,
        markup: InlineKeyboardMarkup | None = None,
        message_id: int | None = None,
    ) -> Target | None:
        """Send or edit; where the message is now, as a target to reply to. None: not sent."""
        fitting = fit_html(text, self._more)
        draft = Draft(
            chat_id=target.chat_id,
            topic_id=target.topic_id,
            reply_to=target.reply_to,
            text=fit(plain(text)) if fitting is None else fitting,
            plain=fitting is None,
            markup=markup,
            message_id=message_id,
        )
        for attempt in range(ATTEMPTS):
            if not await self._turn(draft.chat_id):
                return None
            outcome = await deliver(bot, draft)
            if isinstance(outcome, Later):
                self._heed(outcome.seconds, draft.chat_id)
            if isinstance(outcome, Sent):
                return Target(
                    chat_id=draft.chat_id, topic_id=draft.topic_id, reply_to=outcome.message_id
                )
            again = await self._again(draft, outcome, attempt)
            if again is None:
                log.warning("answer not sent", extra={"outcome": repr(outcome)})
                return None
            draft = again
        return None

    async def _again(  # noqa: PLR0911  # one line an answer of Telegram's
        self, draft: Draft, outcome: object, attempt: int
    ) -> Draft | None:
        """What to try next; None: nothing."""
        match outcome:
            case Moved(chat_id):
                await self.store.write(lambda tx: tx.posts.chat_moved(draft.chat_id, chat_id))
                return replace(draft, chat_id=chat_id, reply_to=None, message_id=None)
            case NoTopic():
                return replace(draft, topic_id=None)
            case Gone():
                return replace(draft, message_id=None)
            case BadMarkup():
                log.error("markup of an answer refused, sent as text")
                return replace(draft, plain=True, text=fit(plain(draft.text)))
            case Later(seconds) if seconds <= PATIENCE:
                await self.sleep(seconds)
                return draft
            case Unreached():
                await self.sleep(1.0 + attempt)
                return draft
            case Lost() if draft.message_id is not None:  # an edit can be repeated
                await self.sleep(1.0 + attempt)
                return draft
            case _:
                return None

    async def _turn(self, chat_id: int) -> bool:
        """Wait until Telegram takes one more for this chat; false: that makes no sense."""
        if self.pace is None:
            return True
        if self.pace.held(chat_id) > PATIENCE:
            log.warning("Telegram takes no answers for this chat now", extra={"chat": chat_id})
            return False
        patience = PATIENCE
        while patience > 0 and (pause := self.pace.wait(chat_id, urgent=True)) > 0:
            await self.sleep(min(pause, patience))
            patience -= pause
        self.pace.spend(chat_id)
        return True

    def _heed(self, seconds: float, chat_id: int) -> None:
        """The courier, too, leaves this chat alone so long."""
        if self.pace is not None:
            self.pace.refused(seconds, chat_id)

    def _more(self, count: int) -> str:
        return self.templates.say(phrase("more_lines", count=count))

    async def chart(self, bot: Bot, target: Target, chart: Chart) -> None:
        """Send the picture as a reply; the text has all the numbers, so it may fail."""
        try:
            png = await self.charts.draw(chart, self.templates.say_plain)
        except Exception:
            log.exception("chart not drawn")
            return
        await self._upload(
            target.chat_id,
            lambda: bot.send_photo(
                target.chat_id,
                BufferedInputFile(png, "chart.png"),
                message_thread_id=target.topic_id,
                reply_parameters=target.reply,
                disable_notification=True,
            ),
        )

    async def document(self, bot: Bot, target: Target, document: Document) -> None:
        """Send a text as a file, as a reply."""
        content = self.templates.redact(document.text).encode()
        sent = await self._upload(
            target.chat_id,
            lambda: bot.send_document(
                target.chat_id,
                BufferedInputFile(content, document.name),
                message_thread_id=target.topic_id,
                reply_parameters=target.reply,
                disable_notification=True,
            ),
        )
        if not sent:
            await self.text(bot, target, self.templates.say(phrase("file_not_sent")))

    async def file(self, bot: Bot, target: Target, table: Table, *, caption: str) -> None:
        content = await asyncio.to_thread(_write, table, self.templates.redact)
        fitting = fit_html(caption, self._more, LONGEST_CAPTION)
        short = fit(plain(caption), LONGEST_CAPTION) if fitting is None else fitting
        sent = await self._upload(
            target.chat_id,
            lambda: bot.send_document(
                target.chat_id,
                BufferedInputFile(content, f"{table.name}.{table.sheet}"),
                caption=short,
                parse_mode=None if fitting is None else ParseMode.HTML,
                message_thread_id=target.topic_id,
                reply_parameters=target.reply,
            ),
        )
        if not sent:
            await self.text(bot, target, self.templates.say(phrase("file_not_sent")))

    async def _upload(self, chat_id: int, request: Callable[[], Awaitable[Message]]) -> bool:
        for _ in range(2):
            if not await self._turn(chat_id):
                return False
            try:
                await request()
            except TelegramRetryAfter as wait:
                self._heed(wait.retry_after, chat_id)
                if wait.retry_after > PATIENCE:
                    return False
                await self.sleep(wait.retry_after)
            except (TelegramAPIError, ClientDecodeError) as error:
                log.warning("file not sent", extra={"error": type(error).__name__})
                return False
            else:
                return True
        return False

    async def delete(self, bot: Bot, chat_id: int, message_id: int) -> bool:
        """Take a message of ours away; false: it stays."""
        try:
            await bot.delete_message(chat_id, message_id)
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("message not deleted", extra={"error": str(error)})
            return False
        return True

    async def nod(self, bot: Bot, chat_id: int, message_id: int) -> bool:
        """React to somebody's message; false: reactions are not allowed there."""
        try:
            await bot.set_message_reaction(
                chat_id, message_id, reaction=[ReactionTypeEmoji(emoji=NOD)]
            )
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("no reaction", extra={"error": str(error)})
            return False
        return True

    async def toast(self, query: CallbackQuery, text: str, *, loud: bool) -> None:
        """Tell Telegram that a tap was taken; late is as good as never, and no harm."""
        short = text if len(text) <= TOAST else f"{text[: TOAST - 1]}…"
        try:
            await query.answer(short, show_alert=loud)
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("tap not answered", extra={"error": str(error)})


def _write(table: Table, redact: Callable[[str], str]) -> bytes:
    # openpyxl is only for the few who ask for a file.
    from bot.edges import sheets  # noqa: PLC0415  # see above

    return sheets.write(sheets.without_secrets(table, redact))
