"""Messages about many alerts, and chats that take no messages any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.core.model import State
from bot.core.records import Post, PostKind, PostState
from bot.edges.store.rows import to_post
from bot.edges.store.schema import alerts, broken_chats, digest_members, posts

RINGING = (PostKind.CARD, PostKind.NOTICE)


def cards_since(connection: Connection, chat_id: int, since: datetime) -> int:
    query = select(func.count()).where(
        posts.c.chat_id == chat_id, posts.c.kind == PostKind.CARD, posts.c.created_at >= since
    )
    return connection.execute(query).scalar_one()


def open_storm(connection: Connection, chat_id: int, since: datetime) -> Post | None:
    query = (
        select(posts)
        .join(digest_members, digest_members.c.post_id == posts.c.id)
        .join(alerts, alerts.c.id == digest_members.c.alert_id)
        .where(posts.c.chat_id == chat_id, posts.c.kind == PostKind.STORM)
        .where(alerts.c.opened_at >= since)
        .order_by(posts.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return to_post(row) if row else None


def join(connection: Connection, post_id: int, alert_id: int) -> None:
    values = {"post_id": post_id, "alert_id": alert_id}
    connection.execute(insert(digest_members).values(values).on_conflict_do_nothing())
    connection.execute(
        update(posts).where(posts.c.id == post_id).values(wanted=posts.c.wanted + 1)
    )


def members(connection: Connection, post_id: int) -> Sequence[int]:
    query = select(digest_members.c.alert_id).where(digest_members.c.post_id == post_id)
    return connection.execute(query.order_by(digest_members.c.alert_id)).scalars().all()


def digests_of(connection: Connection, alert_id: int) -> Sequence[Post]:
    shared = select(digest_members.c.post_id).where(digest_members.c.alert_id == alert_id)
    rows = connection.execute(select(posts).where(posts.c.id.in_(shared))).mappings()
    return [to_post(row) for row in rows]


def undelivered(connection: Connection, before: datetime) -> Sequence[Post]:
    query = (
        select(posts)
        .join(alerts, alerts.c.id == posts.c.alert_id)
        .where(posts.c.kind.in_(RINGING), posts.c.shown == 0, posts.c.created_at <= before)
        .where(alerts.c.state != State.RESOLVED)
        .order_by(posts.c.rank.desc(), posts.c.id)
    )
    return [to_post(row) for row in connection.execute(query).mappings()]


def mark_broken(connection: Connection, chat_id: int, reason: str, now: datetime) -> bool:
    values = {"chat_id": chat_id, "reason": reason, "at": now}
    done = connection.execute(insert(broken_chats).values(values).on_conflict_do_nothing())
    return done.rowcount == 1


def mend(connection: Connection, chat_id: int) -> bool:
    mended = connection.execute(delete(broken_chats).where(broken_chats.c.chat_id == chat_id))
    connection.execute(
        update(posts)
        .where(posts.c.chat_id == chat_id, posts.c.state == PostState.DEAD)
        .where(posts.c.kind == PostKind.CARD)
        .values(state=PostState.WAITING, attempts=0, not_before=None, error=None)
    )
    return mended.rowcount == 1


def broken(connection: Connection) -> Mapping[int, str]:
    rows = connection.execute(select(broken_chats.c.chat_id, broken_chats.c.reason))
    return {row[0]: row[1] for row in rows}
