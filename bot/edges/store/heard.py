"""What comes from outside: senders' alerts still to be heard of again, and jobs' heartbeats."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.records import Beat, Promise
from bot.edges.store import flood
from bot.edges.store.dues import NEXT_UNTIL, first_time
from bot.edges.store.schema import beats, heard


@dataclass(frozen=True, slots=True)
class SqlHeard:
    connection: Connection

    def get(self, check: str, subject: str) -> Promise | None:
        query = select(heard).where(heard.c.check == check, heard.c.subject == subject)
        row = self.connection.execute(query).mappings().one_or_none()
        return Promise(**row) if row else None

    def keep(self, promises: Sequence[Promise]) -> None:
        flood.KEEP_PROMISE.run_many(self.connection, map(asdict, promises))

    def drop(self, check: str, subjects: Collection[str]) -> None:
        if subjects:
            given = json.dumps(list(subjects))
            flood.DROP_PROMISES.run(self.connection, of=check, ids=given)

    def lapsed(self, now: datetime, limit: int) -> Sequence[Promise]:
        query = select(heard).where(heard.c.until <= now).order_by(heard.c.until).limit(limit)
        return [Promise(**row) for row in self.connection.execute(query).mappings()]

    def next_until(self, after: datetime) -> datetime | None:
        return first_time(NEXT_UNTIL, self.connection, after)


@dataclass(frozen=True, slots=True)
class SqlBeats:
    connection: Connection

    def all(self) -> Sequence[Beat]:
        rows = self.connection.execute(select(beats).order_by(beats.c.job)).mappings()
        return [Beat(**row) for row in rows]

    def get(self, job: str) -> Beat | None:
        row = self.connection.execute(select(beats).where(beats.c.job == job)).mappings()
        found = row.one_or_none()
        return Beat(**found) if found else None

    def save(self, beat: Beat) -> None:
        values = asdict(beat)
        self.connection.execute(
            insert(beats).values(values).on_conflict_do_update(index_elements=["job"], set_=values)
        )
