"""Finds what was done in an incident without reading all runs there ever were."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "runs_started", "runs", ["started_at"], sqlite_where=sa.text("started_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("runs_started", table_name="runs")
