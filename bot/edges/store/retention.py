"""Forgets what is long over: never an open alert, never a run that still goes on.

The newest row of each table stays, so that no number is given twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.core.model import State
from bot.core.records import ACTIVE, PostKind
from bot.core.todo import ItemState
from bot.edges.store.schema import (
    alerts,
    buttons,
    digest_members,
    history,
    posts,
    runs,
    silences,
    todos,
)

BATCH: Final = (
    200  # rows of each kind that one transaction takes away, with all that hangs on them
)


def forget(connection: Connection, before: datetime) -> int:
    """Take away a batch of what was over before then; say how much, until it is nothing."""
    old_alerts = _old_alerts(connection, before)
    gone = len(old_alerts)
    if old_alerts:
        _forget_alerts(connection, old_alerts)
    lonely_runs = _ids(
        connection,
        runs,
        runs.c.alert_id.is_(None),
        runs.c.asked_at < before,
        runs.c.state.not_in(ACTIVE),
    )
    if lonely_runs:
        _forget_runs(connection, lonely_runs)
    old_items = _ids(connection, todos, todos.c.ended_at < before)
    if old_items:
        _forget_items(connection, old_items)
    lonely_posts = _ids(
        connection,
        posts,
        posts.c.created_at < before,
        posts.c.alert_id.is_(None),
        posts.c.run_id.is_(None),
        posts.c.item_id.is_(None),
        ~exists().where(digest_members.c.post_id == posts.c.id),
    )
    if lonely_posts:
        _forget_posts(connection, lonely_posts)
    ended = connection.execute(delete(silences).where(silences.c.until < before)).rowcount
    return gone + len(lonely_runs) + len(old_items) + len(lonely_posts) + ended


def _old_alerts(connection: Connection, before: datetime) -> Sequence[int]:
    effect = alerts.alias()
    newest = [
        select(table.c.alert_id).order_by(table.c.id.desc()).limit(1).scalar_subquery()
        for table in (history, runs, todos)
    ]
    return _ids(
        connection,
        alerts,
        alerts.c.opened_at < before,  # what ended before then began before then: an index has it
        alerts.c.state == State.RESOLVED,
        alerts.c.resolved_at < before,
        ~exists().where(effect.c.cause_id == alerts.c.id),
        ~exists().where(runs.c.alert_id == alerts.c.id, runs.c.state.in_(ACTIVE)),
        *(alerts.c.id.is_distinct_from(one) for one in newest),
        ~exists().where(todos.c.alert_id == alerts.c.id, todos.c.state == ItemState.OPEN),
    )


def _ids(connection: Connection, table: Table, *which: ColumnElement[bool]) -> Sequence[int]:
    newest = select(func.max(table.alias().c.id)).scalar_subquery()
    query = select(table.c.id).where(*which, table.c.id < newest).order_by(table.c.id)
    return connection.execute(query.limit(BATCH)).scalars().all()


def _forget_alerts(connection: Connection, gone: Sequence[int]) -> None:
    shared = select(digest_members.c.post_id).where(digest_members.c.alert_id.in_(gone))
    messages = connection.execute(shared.distinct()).scalars().all()
    connection.execute(delete(digest_members).where(digest_members.c.alert_id.in_(gone)))
    theirs = connection.execute(select(runs.c.id).where(runs.c.alert_id.in_(gone)))
    _forget_runs(connection, theirs.scalars().all())
    steps = connection.execute(select(todos.c.id).where(todos.c.alert_id.in_(gone)))
    _forget_items(connection, steps.scalars().all())
    emptied = and_(
        posts.c.id.in_(messages),
        posts.c.kind.in_((PostKind.STORM, PostKind.DIGEST)),
        ~exists().where(digest_members.c.post_id == posts.c.id),
    )
    told = connection.execute(select(posts.c.id).where(or_(posts.c.alert_id.in_(gone), emptied)))
    _forget_posts(connection, told.scalars().all())
    connection.execute(delete(history).where(history.c.alert_id.in_(gone)))
    connection.execute(delete(alerts).where(alerts.c.id.in_(gone)))


def _forget_items(connection: Connection, gone: Sequence[int]) -> None:
    told = connection.execute(select(posts.c.id).where(posts.c.item_id.in_(gone)))
    _forget_posts(connection, told.scalars().all())
    connection.execute(delete(todos).where(todos.c.id.in_(gone)))


def _forget_runs(connection: Connection, gone: Sequence[int]) -> None:
    told = connection.execute(select(posts.c.id).where(posts.c.run_id.in_(gone)))
    _forget_posts(connection, told.scalars().all())
    connection.execute(delete(runs).where(runs.c.id.in_(gone)))


def _forget_posts(connection: Connection, gone: Sequence[int]) -> None:
    connection.execute(update(posts).where(posts.c.reply_to.in_(gone)).values(reply_to=None))
    connection.execute(delete(buttons).where(buttons.c.post_id.in_(gone)))
    connection.execute(delete(digest_members).where(digest_members.c.post_id.in_(gone)))
    connection.execute(delete(posts).where(posts.c.id.in_(gone)))
