"""The small tables: buttons, rounds of checks, the audit log."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.model import Person
from bot.core.records import Button, CheckState
from bot.edges.store import hot
from bot.edges.store.rows import from_phrase, from_reading, to_button, to_check
from bot.edges.store.schema import audit, buttons, checks


@dataclass(frozen=True, slots=True)
class SqlButtons:
    connection: Connection

    def get(self, token: str) -> Button | None:
        found = hot.GET_BUTTON.first(self.connection, wanted_token=token)
        return to_button(found) if found else None

    def issue(
        self, post_id: int, verb: str, arg: str, *, expires_at: datetime, only: int | None = None
    ) -> str:
        issued = hot.ISSUE_BUTTON.scalar(
            self.connection,
            token=secrets.token_urlsafe(16),
            post_id=post_id,
            verb=verb,
            arg=arg,
            only_user=only,
            expires_at=expires_at,
        )
        return str(issued)

    def forget(self, before: datetime) -> int:
        return self.connection.execute(
            delete(buttons).where(buttons.c.expires_at < before)
        ).rowcount


@dataclass(frozen=True, slots=True)
class SqlChecks:
    connection: Connection

    def all(self) -> Sequence[CheckState]:
        rows = self.connection.execute(select(checks).order_by(checks.c.name)).mappings()
        return [to_check(row) for row in rows]

    def get(self, name: str) -> CheckState | None:
        row = self.connection.execute(select(checks).where(checks.c.name == name)).mappings()
        found = row.one_or_none()
        return to_check(found) if found else None

    def save(self, state: CheckState) -> None:
        values = {
            **{name: getattr(state, name) for name in checks.c.keys()},  # noqa: SIM118  # not a dict
            "why": from_phrase(state.why),
            "readings": [from_reading(reading) for reading in state.readings],
        }
        statement = insert(checks).values(values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=values)
        )


@dataclass(frozen=True, slots=True)
class SqlAudit:
    connection: Connection

    def write(self, *, now: datetime, who: Person, chat_id: int, did: str, verdict: str) -> None:
        hot.WRITE_AUDIT.run(
            self.connection,
            at=now,
            user_id=who.id,
            name=who.name,
            chat_id=chat_id,
            did=did,
            verdict=verdict,
        )

    def count(self, *, since: datetime, verdicts: Collection[str]) -> int:
        query = select(func.count()).where(audit.c.at >= since, audit.c.verdict.in_(verdicts))
        return self.connection.execute(query).scalar_one()

    def forget(self, before: datetime) -> int:
        return self.connection.execute(delete(audit).where(audit.c.at < before)).rowcount
