"""Messages that nobody asked for: pages of a schedule, rendered when they were due.

The text is kept as it was: it tells how things stood then, and not when Telegram took it.
"""

from datetime import datetime
from itertools import chain

from bot.core import enclosed
from bot.core.keyboard import Colour, Key, Keys
from bot.core.model import Facts, Json
from bot.core.policy import Chat
from bot.core.ports import Tx
from bot.core.question import Page
from bot.core.records import Post, PostKind
from bot.core.verbs import Verb


def post(  # noqa: PLR0913, PLR0917  # what, where, and for which due time
    tx: Tx, place: Chat, page: Page, text: str, key: str, now: datetime
) -> Post | None:
    """Queue the page for a chat, silently; None: it was already, for this key."""
    made = Post(
        id=0,
        kind=PostKind.REPORT,
        chat_id=place.chat,
        topic_id=place.topic,
        context={"text": text, "keys": _kept(page.keys), **enclosed.kept(_files(page))},
        silent=True,
        created_at=now,
    )
    return tx.posts.add(made, key=f"{key}:{place.chat}")


def keys(context: Facts) -> Keys:
    """The buttons that the page had."""
    kept = context.get("keys")
    return [[_key(one) for one in row] for row in kept] if isinstance(kept, list) else []


def text(context: Facts) -> str:
    return str(context["text"])


def _files(page: Page) -> list[enclosed.Enclosed]:
    return [one for one in (page.chart, page.table) if one is not None]


def _kept(found: Keys) -> Json:
    rows = [[[one.label, one.verb, one.arg, one.colour] for one in row] for row in found]
    return rows if list(chain(*rows)) else []


def _key(kept: Json) -> Key:
    assert isinstance(kept, list)  # noqa: S101  # as it was kept above
    label, verb, arg, colour = map(str, kept)
    return Key(label, Verb(verb), arg, Colour(colour))
