"""Remediations: claimed by compare-and-set, one active run for each target."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.core.records import ACTIVE, Run, RunState
from bot.edges.store import hot
from bot.edges.store.rows import from_phrase, to_run
from bot.edges.store.schema import FOLLOWS, runs
from bot.edges.store.touched import touch


@dataclass(frozen=True, slots=True)
class SqlRuns:
    connection: Connection

    def get(self, run_id: int) -> Run | None:
        return self._one(select(runs).where(runs.c.id == run_id))

    def by_key(self, key: str) -> Run | None:
        return self._one(select(runs).where(runs.c.key == key))

    def add(self, run: Run) -> Run | None:
        touch(self.connection)
        statement = insert(runs).values(_values(run)).on_conflict_do_nothing().returning(runs.c.id)
        run_id = self.connection.execute(statement).scalar_one_or_none()
        return None if run_id is None else replace(run, id=run_id)

    def move(self, run: Run, *, frm: RunState) -> bool:
        touch(self.connection)
        statement = (
            update(runs).where(runs.c.id == run.id, runs.c.state == frm).values(_values(run))
        )
        return self.connection.execute(statement).rowcount == 1

    def active_on(self, target: str) -> Run | None:
        return self._one(select(runs).where(runs.c.target == target, runs.c.state.in_(ACTIVE)))

    def in_state(self, *states: RunState) -> Sequence[Run]:
        rows = hot.RUNS_IN_STATE.rows(self.connection, ids=json.dumps(states))
        return [to_run(row) for row in rows]

    def of_alert(self, alert_id: int) -> Sequence[Run]:
        rows = hot.RUNS_OF_ALERT.rows(self.connection, alert=alert_id)
        return [to_run(row) for row in rows]

    def automatic_since(self, action: str, since: datetime) -> Sequence[Run]:
        query = select(runs).where(
            runs.c.action == action, runs.c.asked_by.is_(None), runs.c.asked_at >= since
        )
        return self._all(query.order_by(runs.c.id))

    def last_started(self, target: str, action: str) -> Run | None:
        query = select(runs).where(
            runs.c.target == target, runs.c.action == action, runs.c.started_at.is_not(None)
        )
        return self._one(query.order_by(runs.c.started_at.desc()).limit(1))

    def started_since(self, start: datetime) -> Sequence[Run]:
        # By id, the whole table would be read in its order.
        query = select(runs).where(runs.c.started_at >= start)
        return self._all(query.order_by(runs.c.started_at, runs.c.id))

    def last_of(self, action: str) -> Run | None:
        query = select(runs).where(runs.c.action == action, runs.c.finished_at.is_not(None))
        return self._one(query.order_by(runs.c.id.desc()).limit(1))

    def of_actions(self, actions: Sequence[str], since: datetime) -> Sequence[Run]:
        query = select(runs).where(runs.c.action.in_(actions), runs.c.asked_at >= since)
        return self._all(query.order_by(runs.c.id))

    def following(self, run_id: int) -> Run | None:
        return self._one(select(runs).where(runs.c.origin_id == run_id, FOLLOWS))

    def undo_over(self, now: datetime) -> Sequence[Run]:
        return self._all(select(runs).where(runs.c.undo_until <= now))

    def _one(self, query: Select[Any]) -> Run | None:
        row = self.connection.execute(query).mappings().one_or_none()
        return to_run(row) if row else None

    def _all(self, query: Select[Any]) -> Sequence[Run]:
        return [to_run(row) for row in self.connection.execute(query).mappings()]


def _values(run: Run) -> dict[str, Any]:
    values = asdict(run)
    del values["id"]
    return {**values, "why": from_phrase(run.why)}
