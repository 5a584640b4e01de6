"""What a check saw of each subject is a row of its own: a round writes only what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECKS = sa.table("checks", sa.column("name", sa.String()), sa.column("readings", sa.JSON()))


def upgrade() -> None:
    seen = op.get_bind().execute(sa.select(CHECKS)).all()
    with op.batch_alter_table("checks") as checks:
        checks.drop_column("readings")
    readings = op.create_table(
        "readings",
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["check"], ["checks.name"]),
        sa.PrimaryKeyConstraint("check", "place"),
        sqlite_with_rowid=False,
    )
    rows = [
        {"check": name, "place": place, "reading": reading}
        for name, found in seen
        for place, reading in enumerate(found)
    ]
    op.bulk_insert(readings, rows)


def downgrade() -> None:
    op.drop_table("readings")
    with op.batch_alter_table("checks") as checks:
        checks.add_column(sa.Column("readings", sa.JSON(), nullable=False, server_default="[]"))
