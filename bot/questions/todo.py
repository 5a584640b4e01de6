"""The checklist: what people still have to do, whose it is and when it is due."""

import re
from collections.abc import Mapping, Sequence

from bot.core import desk_todo, keyboard, todo, todo_changes
from bot.core.counter import FAR_AWAY
from bot.core.desk_todo import Wanted
from bot.core.keyboard import Key, Keys
from bot.core.model import Alert, Phrase, Role, Row, Unreadable, phrase
from bot.core.paging import turn
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Order, Page, Param
from bot.core.todo import Item
from bot.core.verbs import Verb
from bot.questions._orders import hand

SIZE = 6
NUMBER = re.compile(r"[tT]?(\d{1,9})")
TURNED = re.compile(
    rf"([tT]\d{{1,9}})\s+({todo.DUE})", re.IGNORECASE
)  # as people say it: T5 tomorrow
DUE = Param(name="due", default="", pattern=todo.DUE, like="2h, 3d, 18:00 or tomorrow")
ALERT = Param(name="alert", default="", pattern=r"#\d{1,9}", like="#12")


def command() -> Command:
    return Command(
        name="todo",
        about="What people still have to do; with a text, one more thing",
        read=read,
        act=act,
        looks=looks,
        params=[DUE, ALERT, Param(name="text", default="", rest=True)],
        place=39,
        runbooks=[3],
        table=table,
    )


def looks(args: Mapping[str, int | str]) -> bool:
    """Whether it only asks: for the list, or for one step by its number."""
    text = str(args["text"])
    return not (args["due"] or args["alert"] or text) or (
        _number(text) is not None and not args["due"] and not args["alert"]
    )


async def read(asking: Asking) -> Page:
    number = _number(asking.word("text"))
    return await _list(asking) if number is None else await _one(asking, number)


def act(tx: Tx, order: Order) -> Page | Phrase | None:
    """Add a step, or give one another time; its message is the answer."""
    if not _may_change(order.who.role):
        return phrase("role_too_low", role=order.who.role, needed=Role.MANAGER)
    due, text, policy = order.word("due"), order.word("text"), order.book.policy
    if not due and (turned := TURNED.fullmatch(text)):
        text, due = turned.groups()
    until = todo.due_of(due, order.now, policy.zone, policy.morning) if due else None
    if due and until is None:
        return phrase("todo_when", usage=order.usage)
    if not text:
        return phrase("todo_text", usage=order.usage)
    alert = _alert(tx, order.word("alert"))
    if isinstance(alert, Phrase):
        return alert
    number = _number(text)
    if number is not None and until is not None:
        item = tx.todos.get(number)
        found = todo_changes.set_due(hand(tx, order), item, until) if item else None
        return found.text if found else phrase("todo_unknown", id=number)
    wanted = Wanted(
        key=f"typed:{order.key}",
        text=text,
        alert=alert,
        due_at=until or order.now + todo.USUAL,
        chat_id=order.chat_id,
        topic_id=order.topic_id,
    )
    said = desk_todo.add(hand(tx, order), wanted)
    return said.text if said.loud else None


async def table(asking: Asking) -> Sequence[Row]:
    items = await asking.store.read(lambda tx: list(tx.todos.open()))
    return [
        {
            "number": f"T{one.id}",
            "step": one.step,
            "text": one.text,
            "alert": one.alert_id,
            "owner": one.owner,
            "due": one.due_at.isoformat(),
            "reminds": one.remind_at.isoformat(),
            "added": one.created_at.isoformat(),
            "by": one.created_by,
        }
        for one in items
    ]


async def _list(asking: Asking) -> Page:
    now = asking.moment.now
    items = await asking.store.read(lambda tx: list(tx.todos.open()))
    page = turn(asking.page, total=len(items), size=SIZE)
    shown = page.of(items)
    then = f"{keyboard.PAGE} {page.number} todo" if page.number > 1 else "todo"
    rows = _keys(shown, then, may=asking.offers(Role.MANAGER))
    turns = page.keys_through("todo")
    return Page(
        template="answers/todo.html.j2",
        values={
            "items": shown,
            "total": len(items),
            "late": sum(one.overdue(now) for one in items),
            "page": page,
            "now": now,
        },
        keys=[row for row in (*rows, turns) if row],
        files=False,
    )


def _keys(items: Sequence[Item], then: str, *, may: bool) -> Keys:
    """A row for each step; where nobody may change it, it is looked at."""
    if not may:
        return [[_more(one) for one in items]] if items else []
    return [_row(one, then) for one in items]


def _row(item: Item, then: str) -> list[Key]:
    own = [] if item.owner else [keyboard.taking_step(item, then, f"Take T{item.id}")]
    return [*own, keyboard.finishing(item, then, f"Done T{item.id}"), _more(item)]


def _more(item: Item) -> Key:
    return Key(f"T{item.id}…", Verb.ASK, f"todo T{item.id}")


def _may_change(role: Role | None) -> bool:
    return role is not None and role.rank >= Role.MANAGER.rank


async def _one(asking: Asking, number: int) -> Page:
    def look(tx: Tx) -> tuple[Item | None, Alert | None]:
        item = tx.todos.get(number)
        about = item.alert_id if item else None
        return item, tx.alerts.get(about) if about is not None else None

    item, alert = await asking.store.read(look)
    if item is None:
        raise Unreadable(phrase("todo_unknown", id=number))
    return Page(
        template="answers/todo_one.html.j2",
        values={
            "item": item,
            "alert": alert,
            "line": asking.wording.alert_line(alert) if alert else None,
            "now": asking.moment.now,
        },
        keys=[
            *(keyboard.of_item(item, f"todo T{item.id}") if asking.offers(Role.MANAGER) else []),
            [Key("All steps", Verb.ASK, "todo")],
        ],
        files=False,
    )


def _alert(tx: Tx, word: str) -> Alert | Phrase | None:
    if not word:
        return None
    number = int(word.removeprefix("#"))
    found = tx.alerts.get(number) if number < FAR_AWAY else None
    return found or phrase("alert_unknown", alert=number)


def _number(text: str) -> int | None:
    found = NUMBER.fullmatch(text)
    return int(found[1]) if found else None
