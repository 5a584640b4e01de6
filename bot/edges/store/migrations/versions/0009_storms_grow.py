"""Finds a storm that still grows, and what is known of a subject, without reading all alerts."""

import sqlalchemy as sa
from alembic import op

from bot.edges.store.schema import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LATEST = """
UPDATE posts SET joined_at = (
    SELECT max(a.opened_at)
    FROM digest_members AS m JOIN alerts AS a ON a.id = m.alert_id
    WHERE m.post_id = posts.id
)
WHERE kind IN ('storm', 'digest')
"""


def upgrade() -> None:
    op.add_column("posts", sa.Column("joined_at", UtcTime(), nullable=True))
    op.execute(LATEST)
    op.create_index("alerts_subject", "alerts", ["check", "subject"])


def downgrade() -> None:
    op.drop_index("alerts_subject", "alerts")
    op.drop_column("posts", "joined_at")
