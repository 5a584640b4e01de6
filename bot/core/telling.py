"""Who is told what about an alert: cards, and notices that ring. Functions of one transaction.

Nothing here sends: a row is queued, and the courier shows it. A silence, a cause or the minimum
severity keep a row from being queued at all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core import matrix, quiet, sight, storms
from bot.core.model import Alert, Json, Severity
from bot.core.policy import Chat, Policy
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Post, PostKind, PostState, Run


def tell(
    tx: Tx, policy: Policy, alert: Alert, now: datetime, *, escalated: bool = False
) -> list[Post]:
    """See to it that every chat that must show this alert has a card of it; return the new ones.

    A silenced alert is given none: the silence counts it, and its end tells it.
    """
    places = _places(policy, alert, escalated=escalated)
    broken = tx.posts.broken()
    missing = [place for place in places if not _shows(tx, alert, place, broken)]
    if not missing or _swallowed(tx, policy, alert, now):
        return []
    if any(tx.posts.new_id(place.chat) in broken for place in missing):
        missing = _instead(tx, policy, alert, missing, broken)
    made = [_card(tx, policy, alert, place, now) for place in missing]
    return [post for post in made if post is not None]


def tell_all(tx: Tx, policy: Policy, alerts: Sequence[Alert], now: datetime) -> None:
    """Tell what began in one round, the worst first; a crowd at once goes into the storm."""
    crowd = len(alerts) > policy.storm_per_minute
    if crowd and not tx.posts.broken() and not quiet.active(tx, policy, now):
        _tell_crowd(tx, policy, alerts, now)
        return
    for alert in sorted(alerts, key=lambda one: -one.severity.rank):
        begins(tx, policy, alert, now)


def _tell_crowd(tx: Tx, policy: Policy, alerts: Sequence[Alert], now: datetime) -> None:
    """The same as telling each, in a few statements for all of them."""
    groups: dict[Chat, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.times > 1:  # it may have cards already
            begins(tx, policy, alert, now)
            continue
        for place in _places(policy, alert, escalated=False):
            groups[place].append(alert)
    for place, group in groups.items():
        if len(group) > policy.storm_per_minute:
            storm = storms.join_all(tx, group, place, now)
            loud = next((alert for alert in group if storms.must_ring(storm, alert)), None)
            if loud is not None:
                _ring_storms(tx, loud, f"joined:{loud.times}", "notices/joined.html.j2", now)
            continue
        for alert in group:
            _card(tx, policy, alert, place, now)


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


def show_run(tx: Tx, policy: Policy, run: Run, now: datetime) -> None:
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


def rises(  # noqa: PLR0913  # what rises, from where, and who knows it already
    tx: Tx, policy: Policy, alert: Alert, before: Severity, now: datetime, *, new: Sequence[Post]
) -> None:
    """An edit does not ring, so a rising severity is a notice of its own; a `new` card rings."""
    if _may_ring(tx, policy, alert, now):
        key, template = f"rise:{alert.version}", "notices/rises.html.j2"
        _ring(tx, alert, key, template, now, new=new, before=before)


def released(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """Its cause is over and it still fires: now it rings."""
    new = tell(tx, policy, alert, now)
    if _may_ring(tx, policy, alert, now):
        _ring(tx, alert, f"released:{alert.version}", "notices/released.html.j2", now, new=new)


def begins(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """It opened, or is back on its old card; that one rings only where it has never rung."""
    tell(tx, policy, alert, now)
    _speak_up(tx, policy, alert, "again", now)


def unsilenced(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """A silence is over: what it swallowed and still fires is told, and rings if nothing did."""
    tell(tx, policy, alert, now)
    _speak_up(tx, policy, alert, "unsilenced", now)


def _speak_up(tx: Tx, policy: Policy, alert: Alert, what: str, now: datetime) -> None:
    """Cards that came silently, in a silence or when all was over, ring by a notice."""
    if not _may_ring(tx, policy, alert, now):
        return
    for card in tx.posts.of_alert(alert.id):
        if card.kind is PostKind.CARD and card.silent and card.message_id is not None:
            tx.posts.save(replace(card, silent=False))
            key, template = f"{alert.id}:{what}:{alert.version}", f"notices/{what}.html.j2"
            notify(tx, card, key, template, now)


def resolved(tx: Tx, alert: Alert, now: datetime) -> None:
    """Who had taken it hears that it is over; silently, it is good news."""
    if alert.acknowledged_by:
        key = f"resolved:{alert.times}:{alert.id}"
        _ring(tx, alert, key, "notices/resolved.html.j2", now, silent=True)


def clock(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """A reminder or an escalation is due."""
    if not _may_ring(tx, policy, alert, now):
        _postpone(tx, policy, alert, now)
        return
    changed = alert
    if alert.escalate_at is not None and alert.escalate_at <= now:
        changed = matrix.escalated(changed, now)
        _history(tx, alert, now, "escalated")
    remind = alert.remind_at is not None and alert.remind_at <= now
    if remind:
        changed = matrix.reminded(changed, now, policy.matrix)
        _history(tx, alert, now, "reminded")
    saved = tx.alerts.save(changed)
    new: list[Post] = []
    if changed.escalated_at != alert.escalated_at:
        new = tell(tx, policy, saved, now, escalated=True)
        if alert.severity is not Severity.CRITICAL:  # a critical one is there from the start
            key = f"escalated:{saved.version}"
            _ring(tx, saved, key, "notices/escalated.html.j2", now, new=new)
    if remind:
        _ring(tx, saved, f"remind:{saved.version}", "notices/reminder.html.j2", now, new=new)


def _postpone(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> None:
    """Silenced: the clocks go on when the silence ends. Caused by another: they do not run."""
    hush = quiet.of(tx, policy, alert, now)
    if alert.cause_id is not None or hush is None:
        tx.alerts.save(matrix.stopped(alert), quiet=True)
        return
    tx.silences.swallow(hush.id)
    tx.alerts.save(matrix.resumed(alert, hush.until, policy.matrix), quiet=True)


def _may_ring(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> bool:
    if alert.cause_id is not None or alert.severity.rank < policy.min_severity.rank:
        return False
    return quiet.of(tx, policy, alert, now) is None


def _swallowed(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> bool:
    hush = quiet.of(tx, policy, alert, now)
    if hush is not None:
        tx.silences.swallow(hush.id)
    return hush is not None


def _ring(  # noqa: PLR0913  # likewise
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
    _ring_storms(tx, alert, key, template, now, silent=silent)


def _ring_storms(  # noqa: PLR0913  # likewise
    tx: Tx, alert: Alert, key: str, template: str, now: datetime, /, *, silent: bool = False
) -> None:
    """An alert without a card speaks under its storm, and mostly for all of it."""
    what = storms.SHARED.get(template)
    text = storms.TEMPLATE if what else template
    for storm in storms.to_ring(tx, alert, template, now):
        notice = f"{storm.id}:{alert.id}:{key}"
        spoken = replace(storm, alert_id=alert.id)
        notify(tx, spoken, notice, text, now, silent=silent, what=what)


def _places(policy: Policy, alert: Alert, *, escalated: bool) -> list[Chat]:
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


def _card(tx: Tx, policy: Policy, alert: Alert, place: Chat, now: datetime) -> Post | None:
    """A card of its own, or a line in the storm's message where too many come at once."""
    storm = storms.join(tx, policy, alert, place, now)
    if storm is not None:
        if storms.must_ring(storm, alert):
            _ring_storms(tx, alert, f"joined:{alert.times}", "notices/joined.html.j2", now)
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


def _history(tx: Tx, alert: Alert, now: datetime, event: str) -> None:
    tx.alerts.write(HistoryEntry(alert_id=alert.id, at=now, who="SoVAni Ops", event=event))
