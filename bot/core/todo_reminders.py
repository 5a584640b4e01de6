"""Reminds of steps that are due, each day until they are done. A function of one transaction.

The reminder and the note when it rings next are saved together, so a crash neither loses one
nor doubles it.
"""

from dataclasses import replace
from datetime import datetime

from bot.core import quiet, todo
from bot.core.model import Alert, Severity
from bot.core.policy import Policy
from bot.core.ports import Tx
from bot.core.reach import LEFT
from bot.core.records import Post, PostKind, PostState, Silence
from bot.core.todo import Item


def remind(tx: Tx, policy: Policy, now: datetime) -> int:
    """Ring for what is due; say for how many. What keeps everything quiet only delays it."""
    due = tx.todos.due(now)
    if not due or hushed(tx, policy, now) is not None:
        return 0
    for item in due:
        _remind(tx, policy, item, now)
    return len(due)


def undelivered(tx: Tx, policy: Policy, chat_id: int, now: datetime) -> None:
    """The chat takes no messages: the admins get the reminders that it was not shown."""
    if chat_id == tx.posts.new_id(policy.admin_chat.chat):
        return
    for item in tx.todos.open():
        posts = tx.posts.of_item(item.id) if item.reminders else []
        last = posts[-1] if posts else None
        lost = last is not None and last.state is PostState.DEAD and last.message_id is None
        if last is not None and lost and last.chat_id == chat_id:
            tx.posts.add(_to_admins(policy, item, now), key=f"{_key(item)}:admins")


def tell(tx: Tx, alert: Alert) -> None:
    """Its alert is over, or back: messages of open steps say so."""
    for item in tx.todos.of_alert(alert.id):
        if item.open:
            tx.posts.want_item(item.id)


def hushed(tx: Tx, policy: Policy, now: datetime) -> Silence | None:
    """The silence that holds reminders back: one of everything, as bad as a warning at least."""
    wide = [
        one
        for one in quiet.active(tx, policy, now)
        if one.check is None and one.severity.rank >= Severity.WARNING.rank
    ]
    return max(wide, key=lambda one: one.until, default=None)


def _remind(tx: Tx, policy: Policy, item: Item, now: datetime) -> None:
    following = todo.following(item.due_at, now, policy.zone)
    if item.remind_at > now:  # the last one was by a clock that has been set back since
        again = following if item.overdue(now) else item.due_at
        tx.todos.save(replace(item, remind_at=min(item.remind_at, again), reminded_at=now))
        return
    rung = replace(item, remind_at=following, reminded_at=now, reminders=item.reminders + 1)
    tx.todos.save(rung)
    tx.posts.add(_notice(tx, policy, rung, now), key=_key(rung))


def _notice(tx: Tx, policy: Policy, item: Item, now: datetime) -> Post:
    """In the chat where the step lives; to the admins where that is told nothing any more."""
    home = tx.posts.new_id(item.chat_id)
    own = [one for one in tx.posts.of_item(item.id) if one.chat_id == home]
    left = bool(own) and own[0].state is PostState.DEAD and own[0].error == LEFT
    if left or home in tx.posts.broken():
        return _to_admins(policy, item, now)
    return Post(
        id=0,
        kind=PostKind.TODO,
        chat_id=home,
        topic_id=item.topic_id,
        alert_id=item.alert_id,
        item_id=item.id,
        reply_to=own[0].id if own else None,
        context={"reminder": item.reminders, "moves": item.moves},
        created_at=now,
    )


def _key(item: Item) -> str:
    """Names one reminder: the first one after a change of time is another than that before."""
    return f"todo:{item.id}:{item.moves}:{item.reminders}"


def _to_admins(policy: Policy, item: Item, now: datetime) -> Post:
    return Post(
        id=0,
        kind=PostKind.TODO,
        chat_id=policy.admin_chat.chat,
        topic_id=policy.admin_chat.topic,
        alert_id=item.alert_id,
        item_id=item.id,
        context={"reminder": item.reminders, "moves": item.moves},
        created_at=now,
    )
