"""The assistant's own tables. Alembic's migrations make them; a test holds the two equal."""

from bot.edges.store.schema.alerting import alerts, beats, heard, history, silences
from bot.edges.store.schema.base import UtcTime, metadata
from bot.edges.store.schema.messages import (
    broken_chats,
    buttons,
    digest_members,
    moved_chats,
    posts,
)
from bot.edges.store.schema.people import audit, schedules, todos
from bot.edges.store.schema.remediation import FOLLOWS, runs
from bot.edges.store.schema.rounds import checks, memory, readings, series, series_names

__all__ = [
    "FOLLOWS",
    "UtcTime",
    "alerts",
    "audit",
    "beats",
    "broken_chats",
    "buttons",
    "checks",
    "digest_members",
    "heard",
    "history",
    "memory",
    "metadata",
    "moved_chats",
    "posts",
    "readings",
    "runs",
    "schedules",
    "series",
    "series_names",
    "silences",
    "todos",
]
