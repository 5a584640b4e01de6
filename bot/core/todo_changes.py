"""What becomes of one step of the checklist: somebody takes, moves, ends or reopens it.

Every change is shown by the step's own messages, by the card of its alert and in its story.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core import todo
from bot.core.model import Json, phrase
from bot.core.press import Hand, Said, refuse
from bot.core.todo import Item, ItemState
from bot.core.verbs import Verb


def set_due(hand: Hand, item: Item, due_at: datetime) -> Said:
    """Give a step another time; its reminders begin anew."""
    if not item.open:
        return _closed(item)
    changed = replace(item, due_at=due_at, remind_at=due_at, moves=item.moves + 1, reminders=0)
    _save(hand, changed, "moved", due=due_at.isoformat())
    return Said(phrase("todo_moved", due=due_at.isoformat()))


def remark(hand: Hand, item: Item, text: str) -> Said:
    """Keep why it is so: the last word counts, and its messages show it."""
    hand.tx.todos.save(replace(item, note=" ".join(text.split())[: todo.LONGEST_TEXT]))
    hand.tx.posts.want_item(item.id)
    return Said(phrase("noted"))


def _take(hand: Hand, item: Item, _moves: int) -> Said:
    if not item.open:
        return _closed(item)
    if item.owner_id == hand.who.id:
        return refuse("todo_yours")
    if item.owner_id is not None:
        return refuse("todo_of_another", by=item.owner)
    _save(hand, replace(item, owner=hand.who.name, owner_id=hand.who.id), "taken")
    return Said(phrase("todo_taken", at=item.remind_at.isoformat()))


def _free(hand: Hand, item: Item, _moves: int) -> Said:
    if not item.open:
        return _closed(item)
    if item.owner_id is None:
        return refuse("nobody_has_it")
    _save(hand, replace(item, owner=None, owner_id=None), "freed", of=item.owner)
    return Said(phrase("todo_freed"))


def _later(hand: Hand, item: Item, moves: int) -> Said:
    if not item.open:
        return _closed(item)
    if moves != item.moves:  # a second tap of one wish, or somebody was faster
        return refuse("todo_moved_already", due=item.due_at.isoformat())
    return set_due(hand, item, todo.postponed(item.due_at, hand.now, hand.book.policy.zone))


def _finish(hand: Hand, item: Item, _moves: int) -> Said:
    if not item.open:
        return _closed(item)
    _save(hand, _ended(hand, item, ItemState.DONE), "done")
    return Said(phrase("todo_finished"))


def _drop(hand: Hand, item: Item, _moves: int) -> Said:
    if not item.open:
        return _closed(item)
    _save(hand, _ended(hand, item, ItemState.DROPPED), "dropped")
    return Said(phrase("todo_dropped"))


def _reopen(hand: Hand, item: Item, _moves: int) -> Said:
    """It was not done after all, or is needed after all."""
    if item.open:
        return refuse("todo_is_open")
    other = hand.tx.todos.of_step(item.step, item.alert_id) if item.step else None
    if other is not None and other.id != item.id:
        return said_there(other)
    zone = hand.book.policy.zone
    late = item.due_at <= hand.now
    again = replace(
        item,
        state=ItemState.OPEN,
        ended_at=None,
        ended_by=None,
        ended_id=None,
        remind_at=todo.following(item.due_at, hand.now, zone) if late else item.due_at,
    )
    _save(hand, again, "reopened")
    return Said(phrase("todo_reopened"))


def _ended(hand: Hand, item: Item, state: ItemState) -> Item:
    return replace(
        item, state=state, ended_at=hand.now, ended_by=hand.who.name, ended_id=hand.who.id
    )


def _save(hand: Hand, item: Item, event: str, **values: Json) -> None:
    hand.tx.todos.save(item)
    hand.tx.posts.want_item(item.id)
    tell(hand, item, event, **values)


def tell(hand: Hand, item: Item, event: str, **values: Json) -> None:
    """Write it into the story of its alert, whose cards count the steps."""
    alert = hand.tx.alerts.get(item.alert_id) if item.alert_id is not None else None
    if alert is None:
        return
    title = item.title
    told: dict[str, Json] = {
        "who": hand.who.name,
        "user": hand.who.id,
        "item": item.id,
        "step": {"key": title.key, "values": dict(title.values)},
        **values,
    }
    hand.book.note(hand.tx, alert, hand.now, f"todo_{event}", **told)
    hand.tx.alerts.touch(alert.id)


def said_there(item: Item) -> Said:
    if not item.open:
        return _closed(item)
    return refuse("todo_there", id=item.id, by=item.owner, due=item.due_at.isoformat())


def _closed(item: Item) -> Said:
    ended = item.ended_at.isoformat() if item.ended_at else None
    return refuse("todo_closed", id=item.id, state=item.state, by=item.ended_by, at=ended)


ITEM_VERBS: Mapping[Verb, Callable[[Hand, Item, int], Said]] = {
    Verb.TAKE: _take,
    Verb.FREE: _free,
    Verb.DONE: _finish,
    Verb.LATER: _later,
    Verb.DROP: _drop,
    Verb.REOPEN: _reopen,
}
