"""Finds old messages that belong to no alert without reading all messages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "posts_loose",
        "posts",
        ["created_at"],
        sqlite_where=sa.text("alert_id IS NULL AND run_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("posts_loose", table_name="posts")
