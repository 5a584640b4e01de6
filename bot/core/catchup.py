"""What a chat is shown next, and what is not worth telling any more. Functions of a transaction.

After an outage people want to know what is true now: cards of what still fires as they are, and
one digest for what came and went.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import storm
from bot.core.model import State
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState

LATE = timedelta(minutes=2)  # an alert over before a chat was told of it for so long is history
PASSING = frozenset(  # these say what was true when they were queued
    f"notices/{name}.html.j2"
    for name in ("reminder", "escalated", "rises", "released", "unsilenced", "again", "storm")
)
OVER = "notices/resolved.html.j2"


def next_post(tx: Tx, chat_id: int, now: datetime) -> Post | None:
    """The post to bring up to date now; what is out of date on the way there is put away."""
    while (post := tx.posts.next_in(chat_id, now)) is not None:
        if _is_stale(tx, post, now):
            tx.posts.save(replace(post, state=PostState.DEAD, error="out of date"))
        elif not (_unseen(post) and _into_digest(tx, post, now)):
            _supersede(tx, post)
            return post
    return None


def _unseen(post: Post) -> bool:
    """Certainly never sent; where the answer was lost, something may hang in the chat."""
    return (
        post.kind is PostKind.CARD
        and post.message_id is None
        and post.state is PostState.WAITING
        and not post.repeats
    )


def _into_digest(tx: Tx, card: Post, now: datetime) -> bool:
    if card.created_at > now - LATE:
        return False
    over = [one for one in tx.posts.over_unseen(card.chat_id, now - LATE) if _unseen(one)]
    digest = tx.posts.unseen_digest(card.chat_id)
    if card.id not in {one.id for one in over} or (digest is None and len(over) == 1):
        return False  # one is told as itself
    digest = digest or tx.posts.add(_digest(over, now))
    assert digest is not None  # noqa: S101  # without a key nothing stands in its way
    tx.posts.absorb(digest.id, over)
    return True


def _digest(over: Sequence[Post], now: datetime) -> Post:
    return Post(
        id=0,
        kind=PostKind.DIGEST,
        chat_id=over[0].chat_id,
        topic_id=over[0].topic_id,
        silent=True,
        context={"since": min(one.created_at for one in over).isoformat()},
        created_at=now,
    )


def _is_stale(tx: Tx, post: Post, now: datetime) -> bool:
    """Whether it says what is not true any more, and nobody has seen it."""
    if post.kind is PostKind.TODO and post.item_id is not None and post.message_id is None:
        item = tx.todos.get(post.item_id)
        nth = post.context.get("reminder", 0)
        if not nth:
            return False
        if item is None or not item.overdue(now) or item.reminders != nth:
            return True
        return bool(post.context.get("moves", item.moves) != item.moves)
    return post.kind is PostKind.NOTICE and _is_over(tx, post)


def _is_over(tx: Tx, notice: Post) -> bool:
    """Whether its alert is over, or back; or a newer one says the same."""
    if notice.message_id is not None:
        return False
    alert = tx.alerts.get(notice.alert_id) if notice.alert_id is not None else None
    if notice.template == OVER:
        return alert is not None and alert.state is not State.RESOLVED
    if notice.template not in PASSING:
        return False
    if alert is None or notice.reply_to is None:
        return False
    if alert.state is State.RESOLVED and not storm.goes_on(tx, notice.reply_to):
        return True
    return any(
        other.id > notice.id and other.template == notice.template
        for other in tx.posts.replies(notice.reply_to)
    )


def _supersede(tx: Tx, post: Post) -> None:
    """A card or a storm shown for the first time says all that waits behind it as replies."""
    if post.message_id is not None or post.kind not in {PostKind.CARD, PostKind.STORM}:
        return
    for reply in tx.posts.replies(post.id):
        waits = reply.message_id is None and reply.state is PostState.WAITING
        if waits and reply.template in PASSING:
            tx.posts.save(replace(reply, state=PostState.DEAD, error="told by its card"))
