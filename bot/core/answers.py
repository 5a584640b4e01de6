"""Answers with buttons: kept, because a button works on the message it was made for only."""

from dataclasses import replace
from datetime import datetime

from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState


def reserve(tx: Tx, *, chat_id: int, topic_id: int | None, now: datetime) -> Post:
    """Make a place for an answer about to be sent; the courier has nothing to do with it."""
    post = Post(
        id=0,
        kind=PostKind.ANSWER,
        chat_id=chat_id,
        topic_id=topic_id,
        state=PostState.SENDING,
        wanted=1,
        shown=1,
        created_at=now,
    )
    made = tx.posts.add(post)
    assert made is not None  # noqa: S101  # only posts with a key can be refused
    return made


def shown(tx: Tx, post_id: int, *, chat_id: int, message_id: int) -> None:
    """Telegram took it, under this number and in this chat."""
    if post := tx.posts.get(post_id):
        tx.posts.save(replace(post, state=PostState.SHOWN, chat_id=chat_id, message_id=message_id))


def lost(tx: Tx, post_id: int, error: str) -> None:
    """Nobody sees it; whoever asked will ask again."""
    if post := tx.posts.get(post_id):
        tx.posts.save(replace(post, state=PostState.DEAD, error=error))
