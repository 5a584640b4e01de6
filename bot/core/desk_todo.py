"""The checklist: what a tap or a message does to it. Functions of one transaction.

Every change is shown by the step's own messages, by the card of its alert and in its story.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import todo
from bot.core.model import Alert, State, phrase
from bot.core.ports import Tx
from bot.core.press import Hand, Press, Said, asks, refuse
from bot.core.records import Post, PostKind
from bot.core.todo import CATALOGUE, Item
from bot.core.todo_changes import ITEM_VERBS, said_there, tell
from bot.core.verbs import Verb

LOOSE = 0  # on a button: of no alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A new step: what, for which alert, until when, and where its message belongs.

    `key` names the tap or the message that wants it; one that comes again is the same wish.
    """

    key: str
    due_at: datetime
    chat_id: int
    topic_id: int | None = None
    step: str | None = None
    text: str = ""
    alert: Alert | None = None
    reply_to: int | None = None


def add(hand: Hand, wanted: Wanted) -> Said:
    """Put a step on the list, with a message of its own; a step of the catalogue only once."""
    alert_id = wanted.alert.id if wanted.alert else None
    item = Item(
        id=0,
        step=wanted.step,
        text=" ".join(wanted.text.split())[: todo.LONGEST_TEXT],
        alert_id=alert_id,
        runbook=CATALOGUE[wanted.step].runbook if wanted.step else None,
        chat_id=wanted.chat_id,
        topic_id=wanted.topic_id,
        created_at=hand.now,
        created_by=hand.who.name,
        created_id=hand.who.id,
        due_at=wanted.due_at,
        remind_at=wanted.due_at,
    )
    made = hand.tx.todos.add(item, key=wanted.key)
    if made is None:
        return _there(hand, wanted, alert_id)
    hand.tx.posts.add(_message(made, hand.now, wanted.reply_to), key=f"todo:{made.id}")
    tell(hand, made, "added", due=made.due_at.isoformat())
    return _added(made)


def tapped(hand: Hand, verb: Verb, press: Press, post: Post, arg: str) -> Said:
    """What a button does to the list; on an answer the rest of `arg` is what it shows then."""
    if verb is Verb.STEP:
        name, number, *words = arg.split()
        said = _step(hand, press, post, name, int(number))
    else:
        number, moves, *words = arg.split()
        item = hand.tx.todos.get(int(number))
        said = refuse("todo_unknown", id=int(number))
        if item is not None:
            home = _seen_by_owner(item, post) if verb is Verb.TAKE else item
            said = ITEM_VERBS[verb](hand, home, int(moves))
    return replace(said, then=asks(" ".join(words), None, post) if words else None)


def of_message(tx: Tx, chat_id: int, message_id: int) -> Item | None:
    """The step that a message of ours shows."""
    post = tx.posts.at(tx.posts.new_id(chat_id), message_id)
    return tx.todos.get(post.item_id) if post and post.item_id is not None else None


def _seen_by_owner(item: Item, post: Post) -> Item:
    """What lives in somebody's private chat moves to where another one takes it."""
    if item.chat_id <= 0 or item.chat_id == post.chat_id:
        return item
    return replace(item, chat_id=post.chat_id, topic_id=post.topic_id)


def _step(hand: Hand, press: Press, post: Post, name: str, number: int) -> Said:
    step = CATALOGUE.get(name)
    if step is None:
        return refuse("button_unknown")
    alert = hand.tx.alerts.get(number) if number != LOOSE else None
    if number != LOOSE and (alert is None or alert.state is State.RESOLVED):
        return refuse("alert_over")
    return add(
        hand,
        Wanted(
            key=f"tap:{press.id}",
            step=name,
            alert=alert,
            due_at=hand.now + step.due,
            chat_id=post.chat_id,
            topic_id=post.topic_id,
            reply_to=post.id,
        ),
    )


def _message(item: Item, now: datetime, reply_to: int | None) -> Post:
    return Post(
        id=0,
        kind=PostKind.TODO,
        chat_id=item.chat_id,
        topic_id=item.topic_id,
        alert_id=item.alert_id,
        item_id=item.id,
        reply_to=reply_to,
        silent=True,
        created_at=now,
    )


def _there(hand: Hand, wanted: Wanted, alert_id: int | None) -> Said:
    """Say what stands in the way: the same wish, or the same step."""
    before = hand.tx.todos.by_key(wanted.key)
    if before is not None:
        return _added(before)
    assert wanted.step is not None  # noqa: S101  # only steps of the catalogue are unique
    other = hand.tx.todos.of_step(wanted.step, alert_id)
    assert other is not None  # noqa: S101  # the index that refused has it
    return said_there(other)


def _added(item: Item) -> Said:
    return Said(phrase("todo_added", id=item.id, due=item.due_at.isoformat()))


VERBS = frozenset({Verb.STEP, *ITEM_VERBS})
