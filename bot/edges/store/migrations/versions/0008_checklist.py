"""The checklist: steps that people take, and the messages that show them."""

import sqlalchemy as sa
from alembic import op

from bot.edges.store.schema import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "todos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("runbook", sa.Integer(), nullable=True),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("remind_at", UtcTime(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_todos_alert_id", "todos", ["alert_id"])
    op.create_index("ix_todos_ended_at", "todos", ["ended_at"])
    op.create_index("todos_due", "todos", ["remind_at"], sqlite_where=sa.text("state = 'open'"))
    op.create_index(
        "one_step",
        "todos",
        ["alert_id", "step"],
        unique=True,
        sqlite_where=sa.text("alert_id IS NOT NULL AND step IS NOT NULL AND state != 'dropped'"),
    )
    op.create_index(
        "one_loose_step",
        "todos",
        ["step"],
        unique=True,
        sqlite_where=sa.text("alert_id IS NULL AND step IS NOT NULL AND state = 'open'"),
    )
    op.add_column("posts", sa.Column("item_id", sa.Integer(), nullable=True))
    op.create_index(
        "posts_items", "posts", ["item_id"], sqlite_where=sa.text("item_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("posts_items", table_name="posts")
    op.drop_column("posts", "item_id")
    op.drop_table("todos")
