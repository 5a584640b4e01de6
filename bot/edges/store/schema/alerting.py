"""Alerts with their history, silences, what senders have promised, and heartbeats of jobs."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.edges.store.schema.base import UtcTime, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("state", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("proof", JSON, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("acknowledged_by", String),
    Column("acknowledged_id", Integer),
    Column("acknowledged_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("well_since", UtcTime),
    Column("flapping_since", UtcTime),
    Column("cause_id", ForeignKey("alerts.id")),
    Column("remind_at", UtcTime),
    Column("escalate_at", UtcTime),
    Column("escalated_at", UtcTime),
    Column("responded_at", UtcTime),
    # "One open alert for each trouble" is kept by the database, not by hope.
    Index(
        "one_open_alert",
        "check",
        "subject",
        unique=True,
        sqlite_where=text("state != 'resolved'"),
    ),
    Index("alerts_resolved", "check", "resolved_at"),
    Index("alerts_subject", "check", "subject"),
    Index("alerts_opened", "opened_at"),
    Index("alerts_caused", "cause_id", sqlite_where=text("cause_id IS NOT NULL")),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check", String),
    Column("subject", String),
    Column("severity", String, nullable=False),
    Column("by_id", Integer),
    Column("by_name", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
    Column("maintenance", Boolean, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", String),
    Column("swallowed", Integer, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String, nullable=False),
    Column("event", String, nullable=False),
    Column("values", JSON, nullable=False),
    Index("history_at", "at"),
)

# Alerts of other senders: until when each must be heard of again.
heard = Table(
    "heard",
    metadata,
    Column("check", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("heard_at", UtcTime, nullable=False),
    Column("until", UtcTime, index=True),
)

beats = Table(
    "beats",
    metadata,
    Column("job", String, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("ok_at", UtcTime),
    Column("failed_at", UtcTime),
    Column("started_at", UtcTime),
    Column("took_seconds", Float),
)
