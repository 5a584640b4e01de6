"""Alerts of other senders, and heartbeats of jobs."""

import sqlalchemy as sa
from alembic import op

from bot.edges.store.schema import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("check", "subject"),
    )
    op.create_index("ix_heard_until", "heard", ["until"])
    op.create_table(
        "beats",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("ok_at", UtcTime(), nullable=True),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("took_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("job"),
    )


def downgrade() -> None:
    op.drop_table("beats")
    op.drop_index("ix_heard_until", table_name="heard")
    op.drop_table("heard")
