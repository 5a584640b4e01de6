"""Letters by mail, and to a chat by way of the courier. Tables go with a mail as files."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from bot.core import enclosed
from bot.core.letters import Letter, Whom
from bot.core.model import Facts, Json, phrase
from bot.core.ports import Store, Tx, Wake
from bot.core.question import Table
from bot.core.records import Post, PostKind, PostState
from bot.core.runbook import ActionFailed
from bot.edges.smtp import MailError, Smtp, written
from bot.edges.templates import Templates

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOKS, PAUSE = 60, 0.5  # how often, and seconds between, delivery in a chat is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingLetters:
    """`addresses` are by mail, `chats` by Telegram; both may be set for one of them."""

    store: Store
    templates: Templates
    addresses: Mapping[Whom, str]
    chats: Mapping[Whom, int]
    payout_days: int
    clock: Callable[[], datetime]
    wake: Wake
    smtp: Smtp | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def ways(self, to: Whom) -> Sequence[str]:
        found = [self.addresses[to]] if self.smtp is not None and to in self.addresses else []
        return [*found, "chat"] if to in self.chats else found

    async def send(self, letter: Letter) -> Facts:
        """Both ways where there are two; one that failed is said, both are a failure."""
        mail: str | None = None
        chat: int | None = None
        troubles: list[ActionFailed] = []
        if self.smtp is not None and letter.to in self.addresses:
            try:
                mail = await self._mail(self.smtp, letter)
            except ActionFailed as failed:
                troubles.append(failed)
        if letter.chat is not None and letter.to in self.chats:
            try:
                whole = await self._tell(letter, letter.chat)
                chat = self.chats[letter.to]
                troubles += [] if whole else [ActionFailed(phrase("letter_files_refused"))]
            except ActionFailed as failed:
                troubles.append(failed)
        if mail is None and chat is None:
            raise troubles[0] if troubles else ActionFailed(phrase("letter_no_way", to=letter.to))
        why = troubles[0].why if troubles else None
        trouble: Json = {"key": why.key, "values": why.values} if why else None
        return {"mail": mail, "chat": chat, "trouble": trouble}

    async def aclose(self) -> None:
        if self.smtp is not None:
            await self.smtp.aclose()

    async def _mail(self, smtp: Smtp, letter: Letter) -> str:
        to = self.addresses[letter.to]
        message = await asyncio.to_thread(self.message, smtp, letter)
        try:
            await smtp.send(message)
        except MailError as error:
            key = "letter_unsure" if error.unsure else "letter_refused"
            words: Facts = {"to": to, "error": str(error), "code": error.code}
            why = phrase(key, **words, maybe_done=error.unsure)
            raise ActionFailed(why) from None
        return to

    def message(self, smtp: Smtp, letter: Letter) -> EmailMessage:
        # openpyxl is only for letters that have tables.
        from bot.edges import sheets  # noqa: PLC0415  # see above

        to = self.addresses[letter.to]
        sender = smtp.sender(to)
        text = self.templates.render(letter.template, **letter.values)
        message = written(text, sender=sender, to=to)
        message["Date"] = format_datetime(self.clock())
        digest = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
        for table in _tables(letter):
            message.add_attachment(
                sheets.xlsx(sheets.without_secrets(table, self.templates.redact)),
                maintype="application",
                subtype=XLSX,
                filename=f"{table.name}.xlsx",
            )
        return message

    async def _tell(self, letter: Letter, template: str) -> bool:
        """Queue the notice once, and wait until the chat has it; false: without all files."""
        now, chat = self.clock(), self.chats[letter.to]
        notice = Post(
            id=0,
            kind=PostKind.NOTICE,
            chat_id=chat,
            template=template,
            context={**_json(letter.values), **enclosed.kept(_tables(letter))},
            created_at=now,
        )
        key = f"letter:{letter.key}:{chat}"
        made = await self.store.write(lambda tx: tx.posts.add(notice, key=key))
        if made is None:
            raise ActionFailed(phrase("letter_sent_already"))
        self.wake()
        text = False
        for _ in range(LOOKS):
            text, whole = await self.store.read(lambda tx: _arrived(tx, made.id))
            if text and whole is not None:
                return whole
            await self.sleep(PAUSE)
        if text:  # its files come when the chat takes them: the courier has them
            return True
        raise ActionFailed(phrase("notice_not_delivered"))


def _arrived(tx: Tx, post_id: int) -> tuple[bool, bool | None]:
    """Whether the notice is there, and all of its files; None: some are still on their way."""
    post = tx.posts.get(post_id)
    shown = post is not None and post.state is PostState.SHOWN
    files = tx.posts.replies(post_id)
    if any(file.state not in {PostState.SHOWN, PostState.DEAD} for file in files):
        return shown, None
    return shown, all(file.state is PostState.SHOWN and not file.plain for file in files)


def _tables(letter: Letter) -> list[Table]:
    return [Table(name=name, rows=rows) for name, rows in letter.tables.items()]


def _json(values: Mapping[str, object]) -> Facts:
    """Values of a letter are what JSON holds; rows become plain ones."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"not for a letter: {type(value).__name__}")
