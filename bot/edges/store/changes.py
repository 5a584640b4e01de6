"""What has changed in the state tables since, in the order in which it was committed.

Numbers of rows only grow, and there is one writer: nothing appears below a number once seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.core.model import State
from bot.core.records import ACTIVE, Run
from bot.edges.store.rows import to_run
from bot.edges.store.schema import alerts, history, runs


@dataclass(frozen=True, slots=True)
class Event:
    """One row of an alert's history."""

    id: int
    alert_id: int
    at: datetime


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


def first_at(connection: Connection, alert_id: int) -> datetime | None:
    """When an alert opened for the first time; reopened, it has another `opened_at`."""
    query = select(history.c.at).where(history.c.alert_id == alert_id).order_by(history.c.id)
    return connection.execute(query.limit(1)).scalar_one_or_none()


def before_what_goes_on(connection: Connection) -> tuple[int, int]:
    """The rows of history and the runs that are over with all that came before them."""
    still = select(func.min(history.c.id)).join(alerts, alerts.c.id == history.c.alert_id)
    first = connection.execute(still.where(alerts.c.state != State.RESOLVED)).scalar()
    last = connection.execute(select(func.max(history.c.id))).scalar() or 0
    going = connection.execute(select(func.min(runs.c.id)).where(runs.c.state.in_(ACTIVE)))
    first_run = going.scalar()
    last_run = connection.execute(select(func.max(runs.c.id))).scalar() or 0
    return (
        last if first is None else first - 1,
        last_run if first_run is None else first_run - 1,
    )
