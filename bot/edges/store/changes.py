"""What has changed in the state tables since, in the order in which it was committed.

Numbers of rows only grow, and there is one writer: nothing appears below a number once seen.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, union

from bot.core.model import Alert, State
from bot.core.records import ACTIVE, PostKind, Run
from bot.edges.store import hot
from bot.edges.store.rows import to_alert, to_run
from bot.edges.store.schema import alerts, digest_members, history, posts, runs

SHOWS = (PostKind.CARD, PostKind.STORM, PostKind.DIGEST)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of an alert's history."""

    id: int
    alert_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A row of history with what the alert is about."""

    id: int
    alert_id: int
    event: str
    who: str
    check: str
    subject: str
    severity: str


def happened(connection: Connection, *, after: int, most: int) -> Sequence[Happened]:
    rows = hot.HAPPENED.rows(connection, after=after, most=most)
    return [Happened(**row) for row in rows]


def last(connection: Connection) -> int:
    """The newest row of history; 0 where there is none."""
    return connection.execute(select(func.max(history.c.id))).scalar() or 0


def events(
    connection: Connection, *, after: int, most: int, until: int | None = None
) -> Sequence[Event]:
    query = select(history.c.id, history.c.alert_id, history.c.at).where(history.c.id > after)
    if until is not None:
        query = query.where(history.c.id <= until)
    return [Event(*row) for row in connection.execute(query.order_by(history.c.id).limit(most))]


def runs_after(connection: Connection, *, after: int, most: int) -> Sequence[Run]:
    query = select(runs).where(runs.c.id > after).order_by(runs.c.id).limit(most)
    return [to_run(row) for row in connection.execute(query).mappings()]


def alerts_of(connection: Connection, ids: Collection[int]) -> Sequence[Alert]:
    return [to_alert(row) for row in hot.THESE_ALERTS.rows(connection, ids=json.dumps([*ids]))]


def first_at(connection: Connection, alert_ids: Collection[int]) -> Mapping[int, datetime]:
    """When each alert opened for the first time; reopened, it has another `opened_at`."""
    firsts = select(func.min(history.c.id)).where(history.c.alert_id.in_(alert_ids))
    firsts = firsts.group_by(history.c.alert_id)
    query = select(history.c.alert_id, history.c.at).where(history.c.id.in_(firsts))
    return {row[0]: row[1] for row in connection.execute(query)}


def chats(connection: Connection, alert_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Where each was really shown: on a card of its own, or among others."""
    arrived = (posts.c.message_id.is_not(None), posts.c.kind.in_(SHOWS))
    own = select(posts.c.alert_id, posts.c.chat_id)
    shared = select(digest_members.c.alert_id, posts.c.chat_id)
    shared = shared.join(posts, posts.c.id == digest_members.c.post_id)
    both = union(
        own.where(posts.c.alert_id.in_(alert_ids), *arrived),
        shared.where(digest_members.c.alert_id.in_(alert_ids), *arrived),
    )
    found: dict[int, list[int]] = {}
    for alert_id, chat_id in connection.execute(both):
        found.setdefault(alert_id, []).append(chat_id)
    return {alert_id: sorted(places) for alert_id, places in found.items()}


def before_what_goes_on(connection: Connection) -> tuple[int, int]:
    """The rows of history and the runs that are over with all that came before them."""
    still = select(func.min(history.c.id)).join(alerts, alerts.c.id == history.c.alert_id)
    first = connection.execute(still.where(alerts.c.state != State.RESOLVED)).scalar()
    newest = last(connection)
    going = connection.execute(select(func.min(runs.c.id)).where(runs.c.state.in_(ACTIVE)))
    first_run = going.scalar()
    last_run = connection.execute(select(func.max(runs.c.id))).scalar() or 0
    return (
        newest if first is None else first - 1,
        last_run if first_run is None else first_run - 1,
    )
