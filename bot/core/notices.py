"""Notices: replies to the cards of an alert, which ring. Functions of one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core import quiet, storms
from bot.core.model import Alert, Json
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.records import Post, PostKind, PostState


def notify(  # noqa: PLR0913  # a notice is all of these
    tx: Tx,
    card: Post,
    key: str,
    template: str,
    now: datetime,
    /,
    *,
    silent: bool = False,
    **context: Json,
) -> bool:
    """Queue a message as a reply to a card; `key` and chat once for ever."""
    notice = Post(
        id=0,
        kind=PostKind.NOTICE,
        chat_id=card.chat_id,
        topic_id=card.topic_id,
        alert_id=card.alert_id,
        reply_to=card.id,
        template=template,
        context=context,
        silent=silent,
        created_at=now,
    )
    return tx.posts.add(notice, key=f"{key}:{card.chat_id}") is not None


def may_ring(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> bool:
    if alert.cause_id is not None or alert.severity.rank < policy.min_severity.rank:
        return False
    return quiet.of(tx, policy, alert, now) is None


def owe_ring(tx: Tx, alert: Alert) -> None:
    """Its cards have not rung for what is new in them: they speak up when they may."""
    for card in tx.posts.of_alert(alert.id):
        if card.kind is PostKind.CARD and card.state is not PostState.DEAD:
            tx.posts.save(replace(card, silent=True))


def ring(  # noqa: PLR0913  # likewise
    tx: Tx,
    alert: Alert,
    key: str,
    template: str,
    now: datetime,
    /,
    *,
    silent: bool = False,
    new: Sequence[Post] = (),
    **context: Json,
) -> None:
    """Tell every chat that shows the alert; where its card is `new`, that rings enough."""
    known = {card.id for card in new}
    for card in tx.posts.of_alert(alert.id):
        if card.id in known:
            continue
        if card.kind is PostKind.CARD and card.state is not PostState.DEAD:
            if card.silent and not silent:
                tx.posts.save(replace(card, silent=False))  # this rings for it
            notify(tx, card, f"{alert.id}:{key}", template, now, silent=silent, **context)
    ring_storms(tx, alert, key, template, now, silent=silent, **context)


def ring_storms(  # noqa: PLR0913  # likewise
    tx: Tx,
    alert: Alert,
    key: str,
    template: str,
    now: datetime,
    /,
    *,
    silent: bool = False,
    **context: Json,
) -> None:
    """An alert without a card speaks under its storm, and mostly for all of it."""
    what = storms.SHARED.get(template)
    text = storms.TEMPLATE if what else template
    for storm in storms.to_ring(tx, alert, template, now):
        notice = f"{storm.id}:{alert.id}:{key}"
        spoken = replace(storm, alert_id=alert.id)
        notify(tx, spoken, notice, text, now, silent=silent, **{**context, "what": what})
