"""Who has a card of an alert, or a line in a storm's message. Functions of one transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime

from bot.core import quiet, sight, storms
from bot.core.model import Alert
from bot.core.notices import ring_storms
from bot.core.policy import Chat, Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState


def give(
    tx: Tx, policy: Policy, alert: Alert, now: datetime, *, escalated: bool = False
) -> list[Post]:
    """See to it that every chat that must show this alert has a card of it; return the new ones.

    A silenced alert is given none: the silence counts it, and its end tells it.
    """
    places = places_for(policy, alert, escalated=escalated)
    broken = tx.posts.broken()
    missing = [place for place in places if not _shows(tx, alert, place, broken)]
    if not missing or _swallowed(tx, policy, alert, now):
        return []
    if any(tx.posts.new_id(place.chat) in broken for place in missing):
        missing = _instead(tx, policy, alert, missing, broken)
    made = [add(tx, policy, alert, place, now) for place in missing]
    return [post for post in made if post is not None]


def _swallowed(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> bool:
    hush = quiet.of(tx, policy, alert, now)
    if hush is not None:
        tx.silences.swallow(hush.id)
    return hush is not None


def places_for(policy: Policy, alert: Alert, *, escalated: bool) -> list[Chat]:
    if alert.check == sight.NAME:
        return [policy.admin_chat]
    return policy.chats(alert, escalated=escalated or alert.escalated_at is not None)


def _shows(tx: Tx, alert: Alert, place: Chat, broken: Collection[int]) -> bool:
    """Whether the chat has it; what it had before it was given up does not count."""
    chat_id = tx.posts.new_id(place.chat)
    own = (post for post in tx.posts.of_alert(alert.id) if post.kind is PostKind.CARD)
    shared = (post for post in tx.posts.digests_of(alert.id) if post.kind is PostKind.STORM)
    lost = chat_id in broken
    return any(
        post.chat_id == chat_id and not (lost and post.state is PostState.DEAD)
        for post in (*own, *shared)
    )


def _instead(
    tx: Tx, policy: Policy, alert: Alert, missing: Iterable[Chat], broken: Iterable[int]
) -> list[Chat]:
    """A chat that takes no messages is replaced by the admin chat."""
    lost = set(broken)
    usable = [place for place in missing if tx.posts.new_id(place.chat) not in lost]
    admin = policy.admin_chat
    listed = any(place.chat == admin.chat for place in usable)
    if not listed and not _shows(tx, alert, admin, lost):
        usable.append(admin)
    return usable


def add(tx: Tx, policy: Policy, alert: Alert, place: Chat, now: datetime) -> Post | None:
    """A card of its own, or a line in the storm's message where too many come at once."""
    storm = storms.join(tx, policy, alert, place, now)
    if storm is not None:
        if storms.must_ring(storm, alert):
            ring_storms(tx, alert, f"joined:{alert.times}", "notices/joined.html.j2", now)
        return None
    return tx.posts.add(
        Post(
            id=0,
            kind=PostKind.CARD,
            chat_id=place.chat,
            topic_id=place.topic,
            alert_id=alert.id,
            wanted=alert.version,
            silent=alert.cause_id is not None,
            created_at=now,
        )
    )
