"""Messages about many alerts, and chats that take no messages any more."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.core.records import Post, PostKind, PostState
from bot.edges.store import flood, hot
from bot.edges.store.rows import to_post
from bot.edges.store.schema import broken_chats, buttons, digest_members, posts


def cards_between(connection: Connection, chat_id: int, since: datetime, until: datetime) -> int:
    binds = {"chat": chat_id, "since": since, "until": until}
    return int(flood.CARDS_BETWEEN.scalar(connection, **binds))


def open_storm(
    connection: Connection, chat_id: int, since: datetime, until: datetime
) -> Post | None:
    row = flood.OPEN_STORM.first(connection, chat=chat_id, since=since, until=until)
    return to_post(row) if row else None


def join(connection: Connection, post_id: int, alert_ids: Sequence[int]) -> None:
    if not alert_ids:
        return
    members: list[dict[str, object]] = [{"post": post_id, "alert": one} for one in alert_ids]
    flood.ADD_MEMBER.run_many(connection, members)
    flood.GROW.run(connection, post=post_id, ids=json.dumps(alert_ids))


def members(connection: Connection, post_id: int) -> Sequence[int]:
    query = select(digest_members.c.alert_id).where(digest_members.c.post_id == post_id)
    return connection.execute(query.order_by(digest_members.c.alert_id)).scalars().all()


def digests_of(connection: Connection, alert_id: int) -> Sequence[Post]:
    return [to_post(row) for row in hot.DIGESTS_OF_ALERT.rows(connection, alert=alert_id)]


def absorb(connection: Connection, post_id: int, cards: Sequence[Post]) -> None:
    gone = [card.id for card in cards]
    join(connection, post_id, [card.alert_id for card in cards if card.alert_id is not None])
    connection.execute(update(posts).where(posts.c.reply_to.in_(gone)).values(reply_to=post_id))
    connection.execute(delete(buttons).where(buttons.c.post_id.in_(gone)))
    connection.execute(delete(posts).where(posts.c.id.in_(gone)))


def mark_broken(connection: Connection, chat_id: int, reason: str, now: datetime) -> bool:
    values = {"chat_id": chat_id, "reason": reason, "at": now}
    done = connection.execute(insert(broken_chats).values(values).on_conflict_do_nothing())
    return done.rowcount == 1


def mend(connection: Connection, chat_id: int) -> bool:
    mended = connection.execute(delete(broken_chats).where(broken_chats.c.chat_id == chat_id))
    # A step's messages of before say what became of it; its reminders come anew by themselves.
    steps = and_(posts.c.kind == PostKind.TODO, posts.c.message_id.is_not(None))
    connection.execute(
        update(posts)
        .where(posts.c.chat_id == chat_id, posts.c.state == PostState.DEAD)
        .where(or_(posts.c.kind.in_((PostKind.CARD, PostKind.STORM)), steps))
        .values(state=PostState.WAITING, attempts=0, not_before=None, error=None)
    )
    return mended.rowcount == 1


def moved(connection: Connection, old: int, new: int) -> None:
    """A chat given up stays so under its new number, until it takes something."""
    row = connection.execute(
        delete(broken_chats)
        .where(broken_chats.c.chat_id == old)
        .returning(broken_chats.c.reason, broken_chats.c.at)
    ).one_or_none()
    if row is not None:
        mark_broken(connection, new, row.reason, row.at)


def broken(connection: Connection) -> Mapping[int, str]:
    return dict(hot.BROKEN_CHATS.tuples(connection))
