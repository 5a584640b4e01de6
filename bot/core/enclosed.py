"""Pictures and tables that go with a message: each a message of its own, sent under it.

They are kept as values and made into files when they are sent, so a restart changes nothing. They
come into being in the transaction that saves that the message has arrived: never before it,
never without it, and each once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from bot.core.model import Facts, Json, Phrase
from bot.core.ports import Tx
from bot.core.question import Chart, Sheet, Table
from bot.core.records import Post, PostKind

FILES: Final = "files"
Enclosed = Chart | Table


def kept(files: Sequence[Enclosed]) -> Facts:
    """What a post's context holds of them."""
    return {FILES: [_kept(one) for one in files]} if files else {}


def follow(tx: Tx, post: Post, now: datetime) -> Post:
    """Its files come next; the post without them."""
    files = post.context.get(FILES)
    if not isinstance(files, list):
        return post
    for number, one in enumerate(files):
        file = Post(
            id=0,
            kind=PostKind.FILE,
            chat_id=post.chat_id,
            topic_id=post.topic_id,
            reply_to=post.id,
            context=one,
            silent=True,
            created_at=now,
        )
        tx.posts.add(file, key=f"file:{post.id}:{number}")
    rest = {name: value for name, value in post.context.items() if name != FILES}
    return replace(post, context=rest)


def restored(context: Facts) -> Enclosed:
    """The picture or the table that a post of a file is of."""
    values: dict[str, Any] = dict(context)
    if "rows" in values:
        return Table(**{**values, "sheet": Sheet(values["sheet"])})
    numbers = {name: _numbers(values[name], math.nan) for name in ("lines", "bars")}
    return Chart(**{**values, **numbers, "title": Phrase(**values["title"])})


def _kept(one: Enclosed) -> Json:
    if isinstance(one, Table):
        return {"name": one.name, "rows": [dict(row) for row in one.rows], "sheet": one.sheet}
    gaps = {name: _numbers(getattr(one, name), None) for name in ("lines", "bars")}
    return {**asdict(one), **gaps, "days": list(one.days)}


def _numbers(named: Mapping[str, Sequence[Any]], gap: float | None) -> dict[str, Any]:
    """JSON has no NaN."""
    return {
        name: [gap if one is None or math.isnan(one) else one for one in values]
        for name, values in named.items()
    }
