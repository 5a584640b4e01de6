"""The statements that read weeks of what happened, a page in each transaction."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, func, literal_column, or_, select

from bot.edges.store.prepared import Prepared
from bot.edges.store.schema import alerts, history


def _hidden(column: Column[Any]) -> ColumnElement[Any]:
    """The same value, for which the planner takes no index."""
    return literal_column(f"+{column}", column.type)


def _page(query: Select[Any]) -> Prepared:
    return Prepared(query.limit(bindparam("most")).offset(literal_column("0")))


# Through the index of times, not through all that is older.
FIRST_ENTRY = Prepared(
    select(func.min(_hidden(history.c.id))).where(history.c.at >= bindparam("since"))
)
# By number: through the index of times each page would sort all that is left.
ENTRIES = _page(
    select(history)
    .where(history.c.id > bindparam("after"), _hidden(history.c.at) >= bindparam("since"))
    .order_by(history.c.id)
)
LIVES = _page(
    select(
        *(alerts.c.id, alerts.c.check, alerts.c.severity),
        *(alerts.c.opened_at, alerts.c.resolved_at),
    )
    .where(alerts.c.id > bindparam("after"))
    .where(
        or_(
            alerts.c.opened_at >= bindparam("since"),
            alerts.c.resolved_at.is_(None),
            alerts.c.resolved_at >= bindparam("since"),
        )
    )
    .order_by(alerts.c.id)
)
