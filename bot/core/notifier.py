"""Tells the admins about one alert, and waits until somebody was really told."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.core.book import Book
from bot.core.model import Facts, phrase
from bot.core.ports import Store, Tx, Wake
from bot.core.records import Post, PostKind, PostState
from bot.core.runbook import ActionFailed

TEMPLATE = "notices/notify_admin.html.j2"
LOOKS, PAUSE = 60, 0.5  # how often, and seconds between, delivery is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminNotifier:
    """The admin chat, and each admin in private."""

    store: Store
    book: Book
    admins: Collection[int]
    clock: Callable[[], datetime]
    wake: Wake
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def notify_admins(self, alert_id: int, key: str) -> Facts:
        """Queue the notices once and wait for the first delivery."""
        now = self.clock()
        await self.store.write(lambda tx: self._queue(tx, alert_id, key, now))
        self.wake()
        for _ in range(LOOKS):
            told = await self.store.read(lambda tx: self._delivered(tx, alert_id, key))
            if told:
                return {"chats": told}
            await self.sleep(PAUSE)
        raise ActionFailed(phrase("notice_not_delivered"))

    def _queue(self, tx: Tx, alert_id: int, key: str, now: datetime) -> None:
        for chat_id in sorted({self.book.policy.admin_chat.chat, *self.admins}):
            notice = Post(
                id=0,
                kind=PostKind.NOTICE,
                chat_id=chat_id,
                alert_id=alert_id,
                template=TEMPLATE,
                context={"asked_by": None, "key": key},
                created_at=now,
            )
            tx.posts.add(notice, key=f"notify:{key}:{chat_id}")

    @staticmethod
    def _delivered(tx: Tx, alert_id: int, key: str) -> int:
        """Count the chats that got this one; notices of earlier decisions prove nothing."""
        mine = [post for post in tx.posts.of_alert(alert_id) if post.template == TEMPLATE]
        shown = [post for post in mine if post.state is PostState.SHOWN]
        return sum(post.context.get("key") == key for post in shown)
