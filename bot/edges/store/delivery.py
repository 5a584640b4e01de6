"""What could not be shown, and chats that are given up."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from bot.core.model import State
from bot.core.records import PostKind, PostState
from bot.edges.store.schema import alerts, broken_chats, digest_members, posts

SEEN = (posts.c.message_id.is_not(None), posts.c.state != PostState.DEAD)


def undelivered(connection: Connection, before: datetime) -> Mapping[int, str]:
    """Alerts that no chat shows, and alerts with a notice that no chat got."""
    place = _places().subquery()
    nowhere = (
        select(alerts.c.id, func.max(place.c.error))
        .join(place, place.c.alert_id == alerts.c.id)
        .where(alerts.c.state != State.RESOLVED)
        .group_by(alerts.c.id)
        .having(func.min(place.c.created_at) <= before, func.max(place.c.seen) == 0)
    )
    rows = [*connection.execute(nowhere), *connection.execute(_unheard(before))]
    return {alert_id: error or "" for alert_id, error in rows}


def _places() -> CompoundSelect[Any]:
    """Each alert with each message that shows it: its own cards, and storms it is in."""
    columns = (posts.c.created_at, posts.c.error, case((and_(*SEEN), 1), else_=0).label("seen"))
    own = select(posts.c.alert_id, *columns).where(posts.c.kind == PostKind.CARD)
    shared = (
        select(digest_members.c.alert_id, *columns)
        .join(posts, posts.c.id == digest_members.c.post_id)
        .where(posts.c.kind == PostKind.STORM)
    )
    return union_all(own, shared)


def _unheard(before: datetime) -> Select[Any]:
    """Notices old enough, of which no chat has got a copy."""
    other = posts.alias()
    copies = (
        select(other.c.id)
        .where(other.c.alert_id == posts.c.alert_id, other.c.kind == PostKind.NOTICE)
        .where(other.c.template == posts.c.template, other.c.created_at >= posts.c.created_at)
        .where(other.c.message_id.is_not(None))
    )
    return (
        select(alerts.c.id, posts.c.error)
        .join(posts, posts.c.alert_id == alerts.c.id)
        .where(posts.c.kind == PostKind.NOTICE, posts.c.message_id.is_(None))
        .where(posts.c.state != PostState.DEAD, posts.c.created_at <= before)
        .where(alerts.c.state != State.RESOLVED, ~copies.exists())
    )


def give_up(connection: Connection, chat_id: int, reason: str) -> Sequence[int]:
    still = select(alerts.c.id).where(alerts.c.state != State.RESOLVED)
    mine = (posts.c.chat_id == chat_id, posts.c.state != PostState.DEAD)
    cards = select(posts.c.alert_id).where(*mine, posts.c.kind == PostKind.CARD)
    storms = (
        select(digest_members.c.alert_id)
        .join(posts, posts.c.id == digest_members.c.post_id)
        .where(*mine, posts.c.kind == PostKind.STORM)
    )
    lost = connection.execute(
        select(alerts.c.id)
        .where(alerts.c.state != State.RESOLVED)
        .where(or_(alerts.c.id.in_(cards), alerts.c.id.in_(storms)))
        .order_by(alerts.c.id)
    )
    found = lost.scalars().all()
    pending = or_(posts.c.shown < posts.c.wanted, posts.c.alert_id.in_(still))
    connection.execute(
        update(posts)
        .where(*mine, or_(pending, posts.c.kind == PostKind.STORM))
        .values(state=PostState.DEAD, error=reason)
    )
    return found


def leave(connection: Connection, known: Collection[int], reason: str) -> Sequence[int]:
    found = connection.execute(select(posts.c.chat_id).distinct()).scalars().all()
    left = [chat_id for chat_id in found if chat_id not in known]
    if left:
        connection.execute(
            update(posts)
            .where(posts.c.chat_id.in_(left), posts.c.state != PostState.DEAD)
            .values(state=PostState.DEAD, error=reason)
        )
    # Whether they take messages is no matter of ours any more.
    connection.execute(delete(broken_chats).where(broken_chats.c.chat_id.not_in(known)))
    return left


def come_back(connection: Connection, known: Collection[int], reason: str) -> None:
    still = select(alerts.c.id).where(alerts.c.state != State.RESOLVED)
    shows = or_(
        and_(posts.c.kind == PostKind.CARD, posts.c.alert_id.in_(still)),
        posts.c.kind == PostKind.STORM,
    )
    connection.execute(
        update(posts)
        .where(posts.c.chat_id.in_(known), posts.c.state == PostState.DEAD)
        .where(posts.c.error == reason, shows)
        .values(state=PostState.WAITING, attempts=0, not_before=None, error=None)
    )
