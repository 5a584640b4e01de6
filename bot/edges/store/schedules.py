"""What is done by the calendar, kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.planned import Entry, Result
from bot.edges.store.rows import from_phrase, to_phrase
from bot.edges.store.schema import schedules


@dataclass(frozen=True, slots=True)
class SqlSchedules:
    connection: Connection

    def all(self) -> Sequence[Entry]:
        rows = self.connection.execute(select(schedules).order_by(schedules.c.name))
        return [_to_entry(row) for row in rows.mappings()]

    def get(self, name: str) -> Entry | None:
        query = select(schedules).where(schedules.c.name == name)
        row = self.connection.execute(query).mappings().one_or_none()
        return _to_entry(row) if row else None

    def save(self, entry: Entry) -> None:
        values: dict[str, Any] = asdict(entry) | {"why": from_phrase(entry.why)}
        statement = insert(schedules).values(values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=values)
        )


def _to_entry(row: RowMapping) -> Entry:
    result = Result(row["result"]) if row["result"] else None
    return Entry(**{**row, "why": to_phrase(row["why"]), "result": result})
