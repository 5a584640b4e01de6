"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bot.edges.store.schema import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", UtcTime(), nullable=True),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        sa.Column("well_since", UtcTime(), nullable=True),
        sa.Column("flapping_since", UtcTime(), nullable=True),
        sa.Column("cause_id", sa.Integer(), nullable=True),
        sa.Column("remind_at", UtcTime(), nullable=True),
        sa.Column("escalate_at", UtcTime(), nullable=True),
        sa.Column("escalated_at", UtcTime(), nullable=True),
        sa.Column("responded_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cause_id"],
            ["alerts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "alerts_caused",
            ["cause_id"],
            unique=False,
            sqlite_where=sa.text("cause_id IS NOT NULL"),
        )
        batch_op.create_index("alerts_opened", ["opened_at"], unique=False)
        batch_op.create_index("alerts_resolved", ["check", "resolved_at"], unique=False)
        batch_op.create_index(
            "one_open_alert",
            ["check", "subject"],
            unique=True,
            sqlite_where=sa.text("state != 'resolved'"),
        )

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "broken_chats",
        sa.Column("chat_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id"),
    )
    op.create_table(
        "checks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("round_at", UtcTime(), nullable=False),
        sa.Column("ok_at", UtcTime(), nullable=True),
        sa.Column("unknown_rounds", sa.Integer(), nullable=False),
        sa.Column("idle", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=True),
        sa.Column("readings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "moved_chats",
        sa.Column("old_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("old_id"),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("maintenance", sa.Boolean(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("swallowed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("silences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_silences_until"), ["until"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("history_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_history_alert_id"), ["alert_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_runs_state"), ["state"], unique=False)
        batch_op.create_index(
            "one_active_run",
            ["target"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('asked', 'proposed', 'requested', 'running', 'verifying')"
            ),
        )

    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("not_before", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reply_to"],
            ["posts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_posts_run_id"), ["run_id"], unique=False)
        batch_op.create_index(
            "one_card", ["alert_id", "chat_id"], unique=True, sqlite_where=sa.text("kind = 'card'")
        )
        batch_op.create_index(
            "posts_due",
            ["not_before"],
            unique=False,
            sqlite_where=sa.text("shown < wanted AND state != 'dead'"),
        )
        batch_op.create_index("posts_messages", ["chat_id", "message_id"], unique=False)
        batch_op.create_index(
            "posts_moving",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        )
        batch_op.create_index("posts_recent", ["chat_id", "kind", "created_at"], unique=False)
        batch_op.create_index("posts_replies", ["reply_to"], unique=False)

    op.create_table(
        "buttons",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("arg", sa.String(), nullable=False),
        sa.Column("only_user", sa.Integer(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
        ),
        sa.PrimaryKeyConstraint("token"),
    )
    with op.batch_alter_table("buttons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buttons_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("one_button", ["post_id", "verb", "arg"], unique=True)

    op.create_table(
        "digest_members",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
        ),
        sa.PrimaryKeyConstraint("post_id", "alert_id"),
    )
    with op.batch_alter_table("digest_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_members_alert_id"), ["alert_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("digest_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_members_alert_id"))

    op.drop_table("digest_members")
    with op.batch_alter_table("buttons", schema=None) as batch_op:
        batch_op.drop_index("one_button")
        batch_op.drop_index(batch_op.f("ix_buttons_expires_at"))

    op.drop_table("buttons")
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index("posts_replies")
        batch_op.drop_index("posts_recent")
        batch_op.drop_index(
            "posts_moving", sqlite_where=sa.text("state IN ('waiting', 'sending')")
        )
        batch_op.drop_index("posts_messages")
        batch_op.drop_index(
            "posts_due", sqlite_where=sa.text("shown < wanted AND state != 'dead'")
        )
        batch_op.drop_index("one_card", sqlite_where=sa.text("kind = 'card'"))
        batch_op.drop_index(batch_op.f("ix_posts_run_id"))
        batch_op.drop_index(batch_op.f("ix_posts_alert_id"))

    op.drop_table("posts")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(
            "one_active_run",
            sqlite_where=sa.text(
                "state IN ('asked', 'proposed', 'requested', 'running', 'verifying')"
            ),
        )
        batch_op.drop_index(batch_op.f("ix_runs_state"))
        batch_op.drop_index(batch_op.f("ix_runs_alert_id"))

    op.drop_table("runs")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_alert_id"))
        batch_op.drop_index("history_at")

    op.drop_table("history")
    with op.batch_alter_table("silences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_silences_until"))

    op.drop_table("silences")
    op.drop_table("moved_chats")
    op.drop_table("memory")
    op.drop_table("checks")
    op.drop_table("broken_chats")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index("one_open_alert", sqlite_where=sa.text("state != 'resolved'"))
        batch_op.drop_index("alerts_resolved")
        batch_op.drop_index("alerts_opened")
        batch_op.drop_index("alerts_caused", sqlite_where=sa.text("cause_id IS NOT NULL"))

    op.drop_table("alerts")
