"""Alerts and their history."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from bot.core.model import EXPLAINS, Alert, Facts, Reading, Severity, State
from bot.core.records import Group, HistoryEntry, Life
from bot.edges.store import flood, hot, past
from bot.edges.store.hot import RANK
from bot.edges.store.rows import to_alert, to_group, to_history
from bot.edges.store.schema import alerts, history
from bot.edges.store.touched import open_alerts, touch

TOO_MILD = [one for one in Severity if one.rank < EXPLAINS.rank]


class StaleAlertError(RuntimeError):
    """Somebody changed the alert since it was read; the whole transaction is undone."""


@dataclass(frozen=True, slots=True)
class SqlAlerts:
    connection: Connection

    def get(self, alert_id: int) -> Alert | None:
        found = hot.GET_ALERT.first(self.connection, wanted_id=alert_id)
        return to_alert(found) if found else None

    def open(self, check: str | None = None) -> Sequence[Alert]:
        """Read anew only what has changed: every round asks for all of them."""
        if check is None:
            versions = hot.OPEN_ALERTS.tuples(self.connection)
        else:
            versions = hot.OPEN_OF_CHECK.tuples(self.connection, of=check)
        kept = open_alerts(self.connection)
        changed = [
            alert_id
            for alert_id, version in versions
            if alert_id not in kept or kept[alert_id].version != version
        ]
        if changed:
            for row in hot.THESE_ALERTS.rows(self.connection, ids=json.dumps(changed)):
                kept[row["id"]] = to_alert(row)
        return [kept[alert_id] for alert_id, _ in versions]

    def open_among(self, check: str, subjects: Collection[str]) -> Sequence[Alert]:
        rows = flood.OPEN_AMONG.rows(self.connection, of=check, ids=json.dumps(list(subjects)))
        return [to_alert(row) for row in rows]

    def latest_resolved(
        self, check: str, since: datetime, subjects: Collection[str] | None = None
    ) -> Sequence[Alert]:
        if subjects is not None:
            given = json.dumps(list(subjects))
            rows = flood.RESOLVED_AMONG.rows(self.connection, of=check, since=since, ids=given)
            return list({row["subject"]: to_alert(row) for row in rows}.values())
        query = (
            select(alerts)
            .where(alerts.c.check == check, alerts.c.resolved_at >= since)
            .where(alerts.c.state == State.RESOLVED)
            .order_by(alerts.c.resolved_at)
        )
        found = self.connection.execute(query).mappings()
        return list({row["subject"]: to_alert(row) for row in found}.values())

    def add(self, check: str, reading: Reading, now: datetime) -> Alert:
        alert = Alert(
            id=0,
            check=check,
            subject=reading.subject,
            severity=reading.severity,
            state=State.FIRING,
            facts=reading.facts,
            opened_at=now,
            told_at=now,
        )
        values = {name: getattr(alert, name) for name in hot.ALERT_FIELDS}
        return self._keep(replace(alert, id=hot.ADD_ALERT.scalar(self.connection, **values)))

    def save(self, alert: Alert, *, quiet: bool = False) -> Alert:
        changed = replace(alert, version=alert.version + 1)
        values = {name: getattr(changed, name) for name in hot.ALERT_FIELDS}
        keys = {"wanted_id": alert.id, "was": alert.version}
        if hot.SAVE_ALERT.run(self.connection, **values, **keys) != 1:
            raise StaleAlertError(alert.id)
        if not quiet:
            self._want(alert.id, changed.version, changed.severity.rank)
        return self._keep(changed)

    def renew(self, seen: Sequence[tuple[Alert, Facts]], told_at: datetime | None) -> None:
        new = [
            replace(
                alert,
                facts=facts,
                told_at=told_at or alert.told_at,
                well_since=None,
                version=alert.version + 1,
            )
            for alert, facts in seen
        ]
        rows = (
            {name: getattr(one, name) for name in hot.NUMBERS}
            | {"wanted_id": one.id, "was": one.version - 1}
            for one in new
        )
        if hot.RENEW_ALERT.run_many(self.connection, rows) != len(new):
            raise StaleAlertError
        open_alerts(self.connection).update((one.id, one) for one in new)
        if new and told_at is not None:
            touch(self.connection)
            ids = json.dumps([one.id for one in new])
            hot.WANT_THEIR_CARDS.run(self.connection, ids=ids)
            hot.WANT_THEIR_STORMS.run(self.connection, ids=ids)

    def touch(self, alert_id: int) -> None:
        if alert := self.get(alert_id):
            self.save(alert)

    def groups_of(self, post_id: int) -> Sequence[Group]:
        return [to_group(row) for row in flood.GROUPS_OF_POST.rows(self.connection, post=post_id)]

    def worst_of(self, post_id: int, most: int, *, firing: bool = False) -> Sequence[Alert]:
        statement = flood.WORST_FIRING_OF_POST if firing else flood.WORST_OF_POST
        rows = statement.rows(self.connection, post=post_id, most=most)
        return [to_alert(row) for row in rows]

    def since(
        self, start: datetime, check: str | None = None, *, most: int | None = None, skip: int = 0
    ) -> Sequence[Alert]:
        query = select(alerts).where(*_open_since(start, check))
        query = query.order_by(alerts.c.opened_at.desc(), alerts.c.id.desc())
        rows = self.connection.execute(query.limit(most).offset(skip)).mappings()
        return [to_alert(row) for row in rows]

    def count_since(self, start: datetime, check: str | None = None) -> int:
        query = select(func.count()).where(*_open_since(start, check))
        return self.connection.execute(query).scalar_one()

    def newest(self, limit: int, severity: Severity | None = None) -> Sequence[Alert]:
        query = select(alerts).order_by(alerts.c.opened_at.desc(), alerts.c.id.desc())
        if severity is not None:
            query = query.where(alerts.c.severity == severity)
        rows = self.connection.execute(query.limit(limit)).mappings()
        return [to_alert(row) for row in rows]

    def opened_since(self, start: datetime) -> Mapping[Severity, int]:
        query = select(alerts.c.severity, func.count()).where(alerts.c.opened_at >= start)
        rows = self.connection.execute(query.group_by(alerts.c.severity))
        return {Severity(row[0]): row[1] for row in rows}

    def clocks_due(self, now: datetime) -> Sequence[Alert]:
        due = or_(alerts.c.remind_at <= now, alerts.c.escalate_at <= now)
        query = select(alerts).where(due, alerts.c.state != State.RESOLVED)
        query = query.order_by(RANK.desc(), alerts.c.id)
        return [to_alert(row) for row in self.connection.execute(query).mappings()]

    def freed(self) -> Sequence[Alert]:
        cause = alerts.alias("cause")
        query = (
            select(alerts)
            .join(cause, cause.c.id == alerts.c.cause_id)
            .where(alerts.c.state != State.RESOLVED)
            .where(or_(cause.c.state == State.RESOLVED, cause.c.severity.in_(TOO_MILD)))
            .order_by(alerts.c.id)
        )
        return [to_alert(row) for row in self.connection.execute(query).mappings()]

    def openings(
        self, check: str, since: datetime, subjects: Collection[str]
    ) -> Mapping[str, int]:
        given = json.dumps(list(subjects))
        rows = flood.OPENINGS_AMONG.tuples(self.connection, of=check, since=since, ids=given)
        return {row[0]: row[1] for row in rows}

    def _keep(self, alert: Alert) -> Alert:
        kept = open_alerts(self.connection)
        if alert.state is State.RESOLVED:
            kept.pop(alert.id, None)
        else:
            kept[alert.id] = alert
        return alert

    def _want(self, alert_id: int, version: int, rank: int) -> None:
        touch(self.connection)
        hot.WANT_CARDS.run(self.connection, alert=alert_id, version=version, severity=rank)
        hot.WANT_STORMS.run(self.connection, alert=alert_id, severity=rank)

    def write(self, entry: HistoryEntry) -> None:
        values = {name: getattr(entry, name) for name in ("alert_id", "at", "who", "event")}
        hot.WRITE_HISTORY.run(self.connection, **values, values=dict(entry.values))

    def history(self, alert_id: int) -> Sequence[HistoryEntry]:
        query = select(history).where(history.c.alert_id == alert_id).order_by(history.c.id)
        return [to_history(row) for row in self.connection.execute(query).mappings()]

    def entries_since(
        self, start: datetime, *, after: int, most: int
    ) -> Mapping[int, HistoryEntry]:
        if not after:
            after = (past.FIRST_ENTRY.scalar(self.connection, since=start) or 1) - 1
        rows = past.ENTRIES.rows(self.connection, since=start, after=after, most=most)
        return {row["id"]: to_history(row) for row in rows}

    def lives_since(self, start: datetime, *, after: int, most: int) -> Sequence[Life]:
        rows = past.LIVES.rows(self.connection, since=start, after=after, most=most)
        return [Life(**{**row, "severity": Severity(row["severity"])}) for row in rows]


def _open_since(start: datetime, check: str | None) -> list[ColumnElement[bool]]:
    still = or_(alerts.c.resolved_at.is_(None), alerts.c.resolved_at >= start)
    mine = [] if check is None else [alerts.c.check == check]
    return [or_(alerts.c.opened_at >= start, still), *mine]
