"""Runs with arguments, two people, progress, and runs that undo or go on with others."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.edges.store.schema import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = "'asked', 'proposed', 'requested', 'running', 'verifying'"
NOW = "'asked', 'proposed', 'requested', 'running', 'handed_over', 'verifying'"
FOLLOWS = (
    "origin_id IS NOT NULL AND"
    " (state NOT IN ('refused', 'cancelled', 'expired') OR started_at IS NOT NULL)"
)
NEW: list[sa.Column[Any]] = [
    sa.Column("args", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("confirmed_by", sa.Integer(), nullable=True),
    sa.Column("confirmed_name", sa.String(), nullable=True),
    sa.Column("confirmed_at", UtcTime(), nullable=True),
    sa.Column("progress", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("found", sa.JSON(), nullable=True),
    sa.Column("stop_by", sa.String(), nullable=True),
    sa.Column("origin_id", sa.Integer(), nullable=True),
    sa.Column("undo_until", UtcTime(), nullable=True),
]


def upgrade() -> None:
    _active(NOW)
    for column in NEW:
        op.add_column("runs", column)
    op.create_index("runs_action", "runs", ["action", "id"])
    op.create_index(
        "runs_undo", "runs", ["undo_until"], sqlite_where=sa.text("undo_until IS NOT NULL")
    )
    op.create_index(
        "one_follower", "runs", ["origin_id"], unique=True, sqlite_where=sa.text(FOLLOWS)
    )


def downgrade() -> None:
    for index in ("one_follower", "runs_undo", "runs_action"):
        op.drop_index(index, "runs")
    for column in reversed(NEW):
        op.drop_column("runs", column.name)
    _active(BEFORE)


def _active(states: str) -> None:
    op.drop_index("one_active_run", "runs")
    op.create_index(
        "one_active_run",
        "runs",
        ["target"],
        unique=True,
        sqlite_where=sa.text(f"state IN ({states})"),
    )
