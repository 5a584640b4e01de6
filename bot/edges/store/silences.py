"""Silences: who wants no notices of what, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Select, or_, select, update

from bot.core.model import Severity
from bot.core.records import Silence
from bot.edges.store import hot
from bot.edges.store.rows import RowLike
from bot.edges.store.schema import silences


@dataclass(frozen=True, slots=True)
class SqlSilences:
    connection: Connection

    def add(self, silence: Silence) -> Silence:
        values = {name: getattr(silence, name) for name in hot.SILENCE_FIELDS}
        return replace(silence, id=hot.ADD_SILENCE.scalar(self.connection, **values))

    def get(self, silence_id: int) -> Silence | None:
        found = self._all(select(silences).where(silences.c.id == silence_id))
        return found[0] if found else None

    def active(self, now: datetime) -> Sequence[Silence]:
        return [_silence(row) for row in hot.ACTIVE_SILENCES.rows(self.connection, now=now)]

    def end(self, silence_id: int, by: str, now: datetime) -> bool:
        statement = (
            update(silences)
            .where(silences.c.id == silence_id, silences.c.ended_at.is_(None))
            .where(silences.c.until > now)
            .values(ended_at=now, ended_by=by)
        )
        return self.connection.execute(statement).rowcount == 1

    def swallow(self, silence_id: int) -> None:
        self.connection.execute(
            update(silences)
            .where(silences.c.id == silence_id)
            .values(swallowed=silences.c.swallowed + 1)
        )

    def ended_since(self, start: datetime, now: datetime) -> Sequence[Silence]:
        by_time = (silences.c.until > start) & (silences.c.until <= now)
        by_hand = (silences.c.ended_at > start) & (silences.c.ended_at <= now)
        return self._all(select(silences).where(or_(by_time, by_hand)).order_by(silences.c.id))

    def _all(self, query: Select[tuple[object, ...]]) -> list[Silence]:
        return [_silence(row) for row in self.connection.execute(query).mappings()]


def _silence(row: RowLike) -> Silence:
    return Silence(**{**row, "severity": Severity(row["severity"])})
