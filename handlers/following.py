"""Answers that are kept up to date, by edits of their message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.core.model import Phrase
from bot.core.question import Live, Page
from handlers.pages import Pages
from handlers.place import Place

FOLLOW_EVERY = 6.0  # seconds; alerts need most of the twenty messages a minute of a group


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    pages: Pages
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _posts: set[int] = field(default_factory=set)  # of the answers that are kept up to date

    async def follow(
        self,
        live: Live,
        read: Callable[[], Awaitable[tuple[Page, str] | Phrase]],
        text: str,
        place: Place,
    ) -> None:
        """Keep an answer up to date by edits, until its time is over or a button is tapped."""
        post = place.edit
        assert post is not None  # noqa: S101  # live answers have a button that ends them
        self._posts.add(post.id)
        for _ in range(round(live.seconds / FOLLOW_EVERY)):
            await self.sleep(FOLLOW_EVERY)
            written = await read()
            if post.id not in self._posts:
                return
            if isinstance(written, Phrase):
                break
            if written[1] != text:  # Telegram counts edits, too
                text = written[1]
                await self.pages.put(written[0].keys, text, place)
        if post.id in self._posts:
            self._posts.discard(post.id)
            await self.pages.put(live.keys, text, place)

    def stop(self, post_id: int) -> None:
        """Leave the answer as it is: somebody tapped a button of it."""
        self._posts.discard(post_id)
