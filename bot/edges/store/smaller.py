"""The small tables: buttons, rounds of checks, the audit log."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import eq

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.model import Person, Reading
from bot.core.records import Button, CheckState, Look
from bot.core.verbs import Verb
from bot.edges.store import hot
from bot.edges.store.rows import from_phrase, from_reading, to_button, to_check
from bot.edges.store.schema import audit, buttons, checks
from bot.edges.store.touched import check_states

ROUND = [column.name for column in checks.c if column.name != "why"]


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
        rounds = hot.CHECK_ROUNDS.rows(self.connection)
        found = (self._seen(row["name"], row["round_at"]) for row in rounds)
        return [state for state in found if state is not None]

    def get(self, name: str) -> CheckState | None:
        rounds = hot.CHECK_ROUNDS.rows(self.connection)
        return next(
            (self._seen(name, row["round_at"]) for row in rounds if row["name"] == name), None
        )

    def save(self, state: CheckState) -> None:
        before = self.get(state.name)
        values = {name: getattr(state, name) for name in ROUND} | {"why": from_phrase(state.why)}
        statement = insert(checks).values(values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=values)
        )
        kept = self._save_readings(state, before.readings if before else ())
        check_states(self.connection)[state.name] = replace(state, readings=kept)

    def forget(self, name: str) -> None:
        hot.CUT_READINGS.run(self.connection, of=name, first=0)
        self.connection.execute(delete(checks).where(checks.c.name == name))
        check_states(self.connection).pop(name, None)

    def _save_readings(self, state: CheckState, before: Sequence[Reading]) -> tuple[Reading, ...]:
        """Write those that changed: there may be thousands, and most are as they were."""
        size = len(state.readings)
        same = map(eq, before, state.readings)
        changed = [place for place, kept in enumerate(same) if not kept]
        changed += range(len(before), size)
        rows = (
            {"check": state.name, "place": n, "reading": from_reading(state.readings[n])}
            for n in changed
        )
        hot.PUT_READING.run_many(self.connection, rows)
        if len(before) > size:
            hot.CUT_READINGS.run(self.connection, of=state.name, first=size)
        new = [*before[:size], *state.readings[len(before) :]]
        for place in changed:
            new[place] = state.readings[place]
        return tuple(new)

    def _seen(self, name: str, round_at: datetime) -> CheckState | None:
        kept = check_states(self.connection)
        if name not in kept or kept[name].round_at != round_at:
            row = hot.GET_CHECK.first(self.connection, wanted_name=name)
            if row is None:
                return None
            seen = hot.READINGS.rows(self.connection, of=name)
            kept[name] = to_check(row, [one["reading"] for one in seen])
        return kept[name]


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

    def looks(self, words: str, *, since: datetime) -> Sequence[Look]:
        said = f"{Verb.ASK}:{words}"
        query = select(audit.c.at, audit.c.name, audit.c.did).where(
            audit.c.at >= since,
            audit.c.did.startswith(said, autoescape=True),
            audit.c.verdict == "looking",  # the others were refused
        )
        return [
            Look(at=at, who=name, question=did.removeprefix(said))
            for at, name, did in self.connection.execute(query.order_by(audit.c.at, audit.c.id))
        ]

    def forget(self, before: datetime) -> int:
        return self.connection.execute(delete(audit).where(audit.c.at < before)).rowcount
