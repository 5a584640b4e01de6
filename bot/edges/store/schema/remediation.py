"""Runs of remediations."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, text

from bot.core.records import ACTIVE
from bot.edges.store.schema.base import UtcTime, metadata

# A wish that came to nothing may be made again; what began is not begun twice.
FOLLOWS = text(
    "origin_id IS NOT NULL AND"
    " (state NOT IN ('refused', 'cancelled', 'expired') OR started_at IS NOT NULL)"
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("action", String, nullable=False),
    Column("target", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("asked_at", UtcTime, nullable=False),
    Column("asked_name", String, nullable=False),
    Column("asked_by", Integer),
    Column("alert_id", ForeignKey("alerts.id"), index=True),
    Column("chat_id", Integer),
    Column("topic_id", Integer),
    Column("reply_to", Integer),
    Column("expires_at", UtcTime),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("why", JSON),
    Column("args", JSON, nullable=False, server_default="{}"),
    Column("confirmed_by", Integer),
    Column("confirmed_name", String),
    Column("confirmed_at", UtcTime),
    Column("progress", JSON, nullable=False, server_default="{}"),
    Column("found", JSON(none_as_null=True)),
    Column("stop_by", String),
    Column("origin_id", Integer),
    Column("undo_until", UtcTime),
    Index("runs_action", "action", "id"),
    Index("runs_started", "started_at", sqlite_where=text("started_at IS NOT NULL")),
    Index("runs_undo", "undo_until", sqlite_where=text("undo_until IS NOT NULL")),
    Index("one_follower", "origin_id", unique=True, sqlite_where=FOLLOWS),
    # One remediation for each target at a time, whoever asks and however fast.
    Index(
        "one_active_run",
        "target",
        unique=True,
        sqlite_where=text("state IN ({})".format(", ".join(f"'{state}'" for state in ACTIVE))),
    ),
)
