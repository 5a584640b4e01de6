"""One transaction on the state database, as use cases see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.model import Json
from bot.edges.store import retention
from bot.edges.store.alerts import SqlAlerts
from bot.edges.store.dues import NEXT_DUE, first_time
from bot.edges.store.heard import SqlBeats, SqlHeard
from bot.edges.store.posts import SqlPosts
from bot.edges.store.runs import SqlRuns
from bot.edges.store.schedules import SqlSchedules
from bot.edges.store.schema import memory
from bot.edges.store.series import SqlSeries
from bot.edges.store.silences import SqlSilences
from bot.edges.store.smaller import SqlAudit, SqlButtons, SqlChecks
from bot.edges.store.todos import SqlTodos


@dataclass(frozen=True)
class SqlTx:
    """One transaction on the store's thread."""

    connection: Connection

    @cached_property
    def alerts(self) -> SqlAlerts:
        return SqlAlerts(self.connection)

    @cached_property
    def runs(self) -> SqlRuns:
        return SqlRuns(self.connection)

    @cached_property
    def posts(self) -> SqlPosts:
        return SqlPosts(self.connection)

    @cached_property
    def buttons(self) -> SqlButtons:
        return SqlButtons(self.connection)

    @cached_property
    def checks(self) -> SqlChecks:
        return SqlChecks(self.connection)

    @cached_property
    def silences(self) -> SqlSilences:
        return SqlSilences(self.connection)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self.connection)

    @cached_property
    def series(self) -> SqlSeries:
        return SqlSeries(self.connection)

    @cached_property
    def heard(self) -> SqlHeard:
        return SqlHeard(self.connection)

    @cached_property
    def beats(self) -> SqlBeats:
        return SqlBeats(self.connection)

    @cached_property
    def schedules(self) -> SqlSchedules:
        return SqlSchedules(self.connection)

    @cached_property
    def todos(self) -> SqlTodos:
        return SqlTodos(self.connection)

    def forget(self, before: datetime) -> int:
        return retention.forget(self.connection, before)

    def next_due(self, after: datetime) -> datetime | None:
        return first_time(NEXT_DUE, self.connection, after)

    def remember(self, key: str, value: Json, now: datetime) -> None:
        statement = insert(memory).values(key=key, value=value, at=now)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={"value": value, "at": now}
            )
        )

    def recall(self, key: str) -> Json:
        found: Json = self.connection.execute(
            select(memory.c.value).where(memory.c.key == key)
        ).scalar_one_or_none()
        return found
