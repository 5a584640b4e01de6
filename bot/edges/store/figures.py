"""Numbers about the tables for `/metrics`: counted by SQLite, never row by row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.core.records import ACTIVE
from bot.edges.store.schema import alerts, broken_chats, history, posts, runs, todos

ANSWERS = ("acknowledged", "asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    alerts: dict[tuple[str, ...], float]  # by severity and state
    queues: dict[tuple[str, ...], float]
    broken_chats: int
    todos: dict[tuple[str, ...], float]  # open, and overdue among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A row of history; `answered_after` in seconds where it is a person's first answer."""

    event: str
    severity: str
    answered_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Where the last look ended: a row of history, and the end of a run."""

    history_id: int
    finished_at: datetime


def gauges(connection: Connection, now: datetime) -> Gauges:
    open_alerts = (
        select(alerts.c.severity, alerts.c.state, func.count())
        .where(alerts.c.state != "resolved")
        .group_by(alerts.c.severity, alerts.c.state)
    )
    due = select(func.count()).where(posts.c.shown < posts.c.wanted, posts.c.state != "dead")
    active = select(func.count()).where(runs.c.state.in_(ACTIVE))
    still = select(func.count()).where(todos.c.state == "open")
    late = still.where(todos.c.due_at <= now)
    return Gauges(
        todos={
            ("open",): connection.execute(still).scalar_one(),
            ("overdue",): connection.execute(late).scalar_one(),
        },
        alerts={(severity, state): n for severity, state, n in connection.execute(open_alerts)},
        queues={
            ("messages",): connection.execute(due).scalar_one(),
            ("remediations",): connection.execute(active).scalar_one(),
        },
        broken_chats=connection.execute(
            select(func.count()).select_from(broken_chats)
        ).scalar_one(),
    )


def newest(connection: Connection, now: datetime) -> Since:
    last = connection.execute(select(func.max(history.c.id))).scalar_one()
    return Since(history_id=last or 0, finished_at=now)


def events_since(connection: Connection, since: Since) -> tuple[list[Event], int]:
    """What happened to alerts after that row, and the newest row."""
    rows = connection.execute(
        select(
            history.c.id,
            history.c.event,
            history.c.at,
            alerts.c.severity,
            alerts.c.opened_at,
            alerts.c.responded_at,
        )
        .join(alerts, alerts.c.id == history.c.alert_id)
        .where(history.c.id > since.history_id)
        .order_by(history.c.id)
    ).all()
    found = [
        Event(
            event=row.event,
            severity=row.severity,
            answered_after=(row.at - row.opened_at).total_seconds()
            if row.event in ANSWERS and row.responded_at == row.at
            else None,
        )
        for row in rows
    ]
    return found, rows[-1].id if rows else since.history_id


def runs_since(connection: Connection, since: Since) -> list[tuple[str, str, datetime]]:
    """Action, end and time of the runs that ended after that moment."""
    rows = connection.execute(
        select(runs.c.action, runs.c.state, runs.c.finished_at)
        .where(runs.c.finished_at > since.finished_at)
        .order_by(runs.c.finished_at)
    )
    return [(action, state, at) for action, state, at in rows]
