"""Chats that take no messages any more, and their return. Functions of one transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.core import cards
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind

TEMPLATE = "notices/chat_broken.html.j2"
KNOWN: Final = "chats"
LEFT: Final = "not in the settings"


def ours(tx: Tx, policy: Policy, chat_id: int) -> bool:
    """Whether alerts are told in this chat; in others only answers are lost."""
    places = (*policy.alert_chats, policy.admin_chat)
    return any(tx.posts.new_id(place.chat) == chat_id for place in places)


def broke(tx: Tx, policy: Policy, chat_id: int, reason: str, now: datetime) -> bool:
    """Give a chat up: its alerts go to the admin chat, which is told why, once.

    False: it was given up before, or is none of ours.
    """
    if not ours(tx, policy, chat_id) or not tx.posts.mark_broken(chat_id, reason, now):
        return False
    homeless = tx.posts.give_up(chat_id, reason)
    if tx.posts.new_id(policy.admin_chat.chat) != chat_id:
        tx.posts.add(
            Post(
                id=0,
                kind=PostKind.NOTICE,
                chat_id=policy.admin_chat.chat,
                topic_id=policy.admin_chat.topic,
                template=TEMPLATE,
                context={"chat": chat_id, "reason": reason, "alerts": len(homeless)},
                created_at=now,
            ),
            key=f"broken:{chat_id}:{now.isoformat()}",
        )
    for alert_id in homeless:
        if alert := tx.alerts.get(alert_id):
            cards.give(tx, policy, alert, now)
    return True


def mended(tx: Tx, policy: Policy, chat_id: int, now: datetime) -> bool:
    """The chat takes messages again: it is shown what is open now."""
    if not tx.posts.mend(chat_id):
        return False
    for alert in tx.alerts.open():
        cards.give(tx, policy, alert, now)
    return True


def follow_settings(tx: Tx, policy: Policy, chats: Iterable[int], now: datetime) -> list[int]:
    """At a start with other chats in the settings: those that left are told nothing any more.

    `chats` are all in which messages of ours belong, private ones too. What came is shown what is
    open now, and what is back its old cards. Return those that left.
    """
    known = sorted({tx.posts.new_id(chat_id) for chat_id in chats})
    if tx.recall(KNOWN) == known:
        return []
    tx.remember(KNOWN, known, now)
    left = tx.posts.leave(known, LEFT)
    tx.posts.come_back(known, LEFT)
    for alert in tx.alerts.open():
        cards.give(tx, policy, alert, now)
    return list(left)
