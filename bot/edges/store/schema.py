"""The assistant's own tables. Alembic's migrations make them; a test holds the two equal."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from bot.core.records import ACTIVE


class UtcTime(TypeDecorator[datetime]):
    """SQLite forgets time zones; every time in it is UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


metadata = MetaData()

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

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, unique=True),
    Column("kind", String, nullable=False),
    Column("chat_id", Integer, nullable=False),
    Column("topic_id", Integer),
    Column("alert_id", ForeignKey("alerts.id"), index=True),
    Column("run_id", ForeignKey("runs.id"), index=True),
    Column("item_id", Integer),
    Column("reply_to", ForeignKey("posts.id")),
    Column("message_id", Integer),
    Column("state", String, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),  # of the alert's severity: the worst goes first
    Column("template", String),
    Column("context", JSON, nullable=False),
    Column("not_before", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("error", Text),
    Column("joined_at", UtcTime),  # when the latest alert of a storm opened
    Index("posts_replies", "reply_to"),
    Index("posts_items", "item_id", sqlite_where=text("item_id IS NOT NULL")),
    Index("posts_messages", "chat_id", "message_id"),
    Index("posts_recent", "chat_id", "kind", "created_at"),
    Index("posts_moving", "state", sqlite_where=text("state IN ('waiting', 'sending')")),
    Index("posts_due", "not_before", sqlite_where=text("shown < wanted AND state != 'dead'")),
    Index(
        "posts_loose",
        "created_at",
        sqlite_where=text("alert_id IS NULL AND run_id IS NULL"),
    ),
    Index("one_card", "alert_id", "chat_id", unique=True, sqlite_where=text("kind = 'card'")),
)

# Alerts that share one message: a storm of new ones, or what came and went during an outage.
digest_members = Table(
    "digest_members",
    metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, index=True),
)

broken_chats = Table(
    "broken_chats",
    metadata,
    Column("chat_id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
)

buttons = Table(
    "buttons",
    metadata,
    Column("token", String, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("verb", String, nullable=False),
    Column("arg", String, nullable=False),
    Column("only_user", Integer),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Index("one_button", "post_id", "verb", "arg", unique=True),
)

checks = Table(
    "checks",
    metadata,
    Column("name", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("round_at", UtcTime, nullable=False),
    Column("ok_at", UtcTime),
    Column("unknown_rounds", Integer, nullable=False),
    Column("idle", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("why", JSON),
)

# In the order in which the check gave them.
readings = Table(
    "readings",
    metadata,
    Column("check", ForeignKey("checks.name"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("reading", JSON, nullable=False),
    sqlite_with_rowid=False,
)

memory = Table(
    "memory",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
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

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_id", Integer, primary_key=True, autoincrement=False),
    Column("new_id", Integer, nullable=False),
)

series_names = Table(
    "series_names",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("subject", String, nullable=False),
    Index("one_series", "name", "subject", unique=True),
)

# A quarter of a million rows: no row ids, no names and no text times in them. `at` is in seconds
# since 1970, UTC; `seconds` says how wide a stretch the row sums up.
series = Table(
    "series",
    metadata,
    Column("series_id", ForeignKey("series_names.id"), primary_key=True, autoincrement=False),
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column("rounds", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("mean", Float),
    Column("top", Float),
    sqlite_with_rowid=False,
)
