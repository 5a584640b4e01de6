"""Numbers over time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("one_series", "series_names", ["name", "subject"], unique=True)
    op.create_table(
        "series",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("top", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["series_id"], ["series_names.id"]),
        sa.PrimaryKeyConstraint("series_id", "seconds", "at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("series")
    op.drop_index("one_series", table_name="series_names")
    op.drop_table("series_names")
