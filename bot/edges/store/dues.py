"""All columns that hold a time at which something is to be done."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from bot.edges.store.prepared import Prepared
from bot.edges.store.schema import UtcTime, alerts, heard, runs, silences, todos

NOW: ColumnElement[object] = bindparam("now", type_=UtcTime)
IS_OPEN = alerts.c.state != literal_column("'resolved'")  # as the index of open alerts has it
IS_ASKED = runs.c.state.in_((literal_column("'asked'"), literal_column("'proposed'")))

_DUES = (
    (alerts.c.remind_at, IS_OPEN),
    (alerts.c.escalate_at, IS_OPEN),
    (runs.c.expires_at, IS_ASKED),
    (runs.c.undo_until, runs.c.undo_until.is_not(None)),
    (silences.c.until, silences.c.ended_at.is_(None)),
    (todos.c.remind_at, todos.c.state == literal_column("'open'")),
)
_EACH = union_all(
    *(select(func.min(due).label("at")).where(where, due > NOW) for due, where in _DUES)
).subquery()

NEXT_DUE = Prepared(select(func.min(_EACH.c.at).label("at")))
NEXT_UNTIL = Prepared(select(func.min(heard.c.until).label("at")).where(heard.c.until > NOW))


def first_time(statement: Prepared, connection: Connection, after: datetime) -> datetime | None:
    found = statement.first(connection, now=after)
    at: datetime | None = found["at"] if found else None
    return at
