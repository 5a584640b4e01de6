"""Rows in, domain values out: no SQLAlchemy object leaves the store."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from bot.core.model import Alert, Phrase, Reading, Severity, Source, State, Status
from bot.core.records import (
    Button,
    CheckState,
    Group,
    HistoryEntry,
    Post,
    PostKind,
    PostState,
    Run,
    RunState,
)

RowLike = RowMapping | dict[str, Any]


def to_alert(row: RowLike) -> Alert:
    return Alert(**{**row, "severity": Severity(row["severity"]), "state": State(row["state"])})


def to_group(row: RowLike) -> Group:
    return Group(**{**row, "severity": Severity(row["severity"]), "state": State(row["state"])})


def to_run(row: RowLike) -> Run:
    return Run(**{**row, "state": RunState(row["state"]), "why": to_phrase(row["why"])})


POST_FIELDS = [field.name for field in fields(Post)]


def to_post(row: RowLike) -> Post:
    values = {name: row[name] for name in POST_FIELDS}
    values |= {"kind": PostKind(row["kind"]), "state": PostState(row["state"])}
    return Post(**values)


def to_button(row: RowLike) -> Button:
    return Button(**row)


def to_history(row: RowLike) -> HistoryEntry:
    return HistoryEntry(**{key: row[key] for key in ("alert_id", "at", "who", "event", "values")})


def to_check(row: RowLike, readings: Iterable[dict[str, Any]]) -> CheckState:
    values = {
        **row,
        "status": Status(row["status"]),
        "source": Source(row["source"]),
        "why": to_phrase(row["why"]),
        "readings": tuple(_to_reading(reading) for reading in readings),
    }
    return CheckState(**values)


def from_phrase(value: Phrase | None) -> dict[str, Any] | None:
    return {"key": value.key, "values": dict(value.values)} if value else None


def to_phrase(value: dict[str, Any] | None) -> Phrase | None:
    return Phrase(value["key"], value["values"]) if value else None


def from_reading(reading: Reading) -> dict[str, Any]:
    return {
        "subject": reading.subject,
        "status": reading.status,
        "severity": reading.severity,
        "facts": dict(reading.facts),
        "why": from_phrase(reading.why),
        "idle": reading.idle,
    }


def _to_reading(value: dict[str, Any]) -> Reading:
    return Reading(
        **{
            **value,
            "status": Status(value["status"]),
            "severity": Severity(value["severity"]),
            "why": to_phrase(value["why"]),
        }
    )
