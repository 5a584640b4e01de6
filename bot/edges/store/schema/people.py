"""What people do: the checklist, the calendar, the record of every attempt."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, text

from bot.edges.store.schema.base import UtcTime, metadata

# What is done by the calendar: for which due time next, and what came of the last one.
schedules = Table(
    "schedules",
    metadata,
    Column("name", String, primary_key=True),
    Column("plan", String, nullable=False),
    Column("due", UtcTime),
    Column("next_at", UtcTime),
    Column("tries", Integer, nullable=False),
    Column("done", UtcTime),
    Column("ended_at", UtcTime),
    Column("result", String),
    Column("why", JSON(none_as_null=True)),
    Column("run_id", Integer),
    Column("asked_at", UtcTime),
    Column("asked_by", String),
)

# The checklist: steps that people take.
todos = Table(
    "todos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("step", String),
    Column("text", Text, nullable=False),
    Column("alert_id", ForeignKey("alerts.id"), index=True),
    Column("runbook", Integer),
    Column("chat_id", Integer, nullable=False),
    Column("topic_id", Integer),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_id", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("remind_at", UtcTime, nullable=False),
    Column("owner", String),
    Column("owner_id", Integer),
    Column("state", String, nullable=False),
    Column("moves", Integer, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("reminded_at", UtcTime),
    Column("ended_at", UtcTime, index=True),
    Column("ended_by", String),
    Column("ended_id", Integer),
    Column("note", Text, nullable=False),
    Index("todos_due", "remind_at", sqlite_where=text("state = 'open'")),
    # A step of the catalogue is asked for once for each alert, unless it was not needed then.
    Index(
        "one_step",
        "alert_id",
        "step",
        unique=True,
        sqlite_where=text("alert_id IS NOT NULL AND step IS NOT NULL AND state != 'dropped'"),
    ),
    Index(
        "one_loose_step",
        "step",
        unique=True,
        sqlite_where=text("alert_id IS NULL AND step IS NOT NULL AND state = 'open'"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("user_id", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("chat_id", Integer, nullable=False),
    Column("did", String, nullable=False),
    Column("verdict", String, nullable=False),
)
