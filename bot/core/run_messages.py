"""Where the message of a run is shown: where it was asked for, or to the admins."""

from datetime import datetime

from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, Run


def show(tx: Tx, policy: Policy, run: Run, now: datetime) -> None:
    """Give a run its message, once: where it was asked for.

    What nobody asked for in a chat is shown to the admins; a card shows its own runs.
    """
    if run.chat_id is not None:
        _run_post(tx, run, now, run.chat_id, run.topic_id, run.reply_to)
    elif not (run.automatic and run.alert_id is not None):
        show_to_admins(tx, policy, run, now)


def show_to_admins(tx: Tx, policy: Policy, run: Run, now: datetime) -> None:
    _run_post(tx, run, now, policy.admin_chat.chat, policy.admin_chat.topic, None)


def show_to_another(tx: Tx, policy: Policy, run: Run, now: datetime) -> None:
    """A question asked in private, put where somebody else can answer it."""
    other = None
    if run.chat_id is not None and run.chat_id == run.asked_by:
        other = policy.seen_by_others(run.chat_id)
    if other is not None:
        _run_post(tx, run, now, other.chat, other.topic, None)


def _run_post(  # noqa: PLR0913, PLR0917  # a place is all of these
    tx: Tx, run: Run, now: datetime, chat_id: int, topic_id: int | None, reply_to: int | None
) -> None:
    post = Post(
        id=0,
        kind=PostKind.RUN,
        chat_id=chat_id,
        topic_id=topic_id,
        run_id=run.id,
        reply_to=reply_to,
        created_at=now,
    )
    tx.posts.add(post, key=f"run:{run.id}:{chat_id}")
