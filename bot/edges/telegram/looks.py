"""How our messages look in the chats, as far as we have sent them ourselves.

Numbers that nobody sees change too: an edit for them would spend a request and show nothing.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.records import Post
from bot.edges.cards import Page

MOST: Final = 10_000  # messages; of those that were left longest the look is forgotten
FRESH: Final = timedelta(days=1)  # half of a button's life: an edit renews the buttons


@dataclass(frozen=True, slots=True)
class Look:
    """One message as it was last sent; `digest` of all that people see."""

    message_id: int
    digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Looks:
    """Kept in memory only: the first edit after a start is always made."""

    _known: OrderedDict[int, Look] = field(default_factory=OrderedDict)

    def same(self, post: Post, digest: bytes, now: datetime) -> bool:
        """Whether the message looks so already."""
        known = self._known.get(post.id)
        if known is None or (known.message_id, known.digest) != (post.message_id, digest):
            return False
        return timedelta(0) <= now - known.at < FRESH

    def keep(self, post_id: int, look: Look) -> None:
        self._known[post_id] = look
        self._known.move_to_end(post_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def forget(self, post_id: int) -> None:
        """What became of its last edit is not known."""
        self._known.pop(post_id, None)


def digest(page: Page, text: str, *, plain: bool) -> bytes:
    """Of text and buttons; the tokens of the buttons are new each time, and look like nothing."""
    seen = (text, plain, page.keys, page.only_user)
    return hashlib.sha256(repr(seen).encode()).digest()
