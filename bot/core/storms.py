"""Storms: too many new alerts of one chat share one message. Functions of one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.model import Alert, Severity
from bot.core.policy import Chat, Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState

MINUTE = timedelta(minutes=1)
QUIET = timedelta(minutes=4)  # between two notices of one kind; the shortest clock is 5 minutes
TEMPLATE = "notices/storm.html.j2"
# One of these for the whole storm, and not for each of its alerts.
SHARED = {
    f"notices/{what}.html.j2": what
    for what in ("reminder", "escalated", "rises", "released", "joined")
}


def join(tx: Tx, policy: Policy, alert: Alert, place: Chat, now: datetime) -> Post | None:
    """Put a new alert into the chat's storm, if there is one; None: it has a card of its own.

    A storm goes on as long as new alerts come within a minute of each other.
    """
    chat_id = tx.posts.new_id(place.chat)
    storm = tx.posts.open_storm(chat_id, now - MINUTE, now)
    if storm is None:
        if tx.posts.cards_between(chat_id, now - MINUTE, now) < policy.storm_per_minute:
            return None
        storm = _begin(tx, chat_id, place, now)
    tx.posts.join(storm.id, alert.id)
    return storm


def join_all(tx: Tx, alerts: Sequence[Alert], place: Chat, now: datetime) -> Post:
    """Put alerts of one round that are a storm by themselves into the chat's storm."""
    chat_id = tx.posts.new_id(place.chat)
    storm = tx.posts.open_storm(chat_id, now - MINUTE, now) or _begin(tx, chat_id, place, now)
    tx.posts.join(storm.id, *(alert.id for alert in alerts))
    return storm


def must_ring(storm: Post, alert: Alert) -> bool:
    """An edit does not ring: what is critical must, where the storm is on show already."""
    return storm.message_id is not None and alert.severity is Severity.CRITICAL


def to_ring(tx: Tx, alert: Alert, template: str, now: datetime) -> list[Post]:
    """The storms with this alert in which a notice of this kind is not too much."""
    found = [
        post
        for post in tx.posts.digests_of(alert.id)
        if post.kind is PostKind.STORM and post.state is not PostState.DEAD
    ]
    what = SHARED.get(template)
    if what is None:
        return found
    return [post for post in found if _first(tx, post, f"{what}:{alert.severity}", now)]


def _first(tx: Tx, storm: Post, kind: str, now: datetime) -> bool:
    rang = storm.context.get("rang")
    times = dict(rang) if isinstance(rang, dict) else {}
    last = times.get(kind)
    if last is not None and timedelta(0) <= now - datetime.fromisoformat(str(last)) < QUIET:
        return False
    times[kind] = now.isoformat()
    tx.posts.save(replace(storm, context={**storm.context, "rang": times}))
    return True


def _begin(tx: Tx, chat_id: int, place: Chat, now: datetime) -> Post:
    """A storm takes over the cards of its minute that nobody has seen yet."""
    storm = tx.posts.add(
        Post(
            id=0,
            kind=PostKind.STORM,
            chat_id=chat_id,
            topic_id=place.topic,
            created_at=now,
        )
    )
    assert storm is not None  # noqa: S101  # without a key nothing stands in its way
    tx.posts.absorb(storm.id, _fresh(tx.posts.unseen(chat_id), now))
    return storm


def _fresh(cards: Sequence[Post], now: datetime) -> list[Post]:
    return [card for card in cards if card.created_at >= now - MINUTE]
