"""Messages in chats, their buttons, and the chats that have moved or are lost."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from bot.edges.store.schema.base import UtcTime, metadata

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

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_id", Integer, primary_key=True, autoincrement=False),
    Column("new_id", Integer, nullable=False),
)
