"""The steps of a runbook that only people can take, each onto the checklist by a tap."""

from bot.core import keyboard, todo
from bot.core.counter import FAR_AWAY
from bot.core.keyboard import Key, Keys
from bot.core.model import Alert, State, phrase
from bot.core.params import WrongArguments
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page, Param
from bot.core.todo import Item, Step
from bot.core.verbs import Verb

IN_A_ROW = 2
Found = dict[str, Item]


def command() -> Command:
    return Command(
        name="steps",
        about="A runbook's steps that only people can take",
        read=read,
        params=[
            Param(name="runbook", low=1, high=99),
            Param(name="alert", default=0, low=0),
        ],
        listed=False,
        place=71,
    )


async def read(asking: Asking) -> Page:
    number, alert_id = asking.number("runbook"), asking.number("alert")
    steps = todo.of_runbook(number)
    if not steps:
        known = ", ".join(sorted({str(one.runbook) for one in todo.STEPS}))
        usage = asking.commands["steps"].usage
        raise WrongArguments(phrase("usage_words", usage=usage, name="runbook", words=known))

    def look(tx: Tx) -> tuple[Alert | None, Found]:
        alert = tx.alerts.get(alert_id) if 0 < alert_id < FAR_AWAY else None
        about = alert.id if alert else None
        found = ((one.key, tx.todos.of_step(one.key, about)) for one in steps)
        return alert, {key: item for key, item in found if item is not None}

    alert, items = await asking.store.read(look)
    return Page(
        template="answers/steps.html.j2",
        values={
            "number": number,
            "title": _title(asking, number),
            "alert": alert,
            "line": asking.wording.alert_line(alert) if alert else None,
            "rows": [
                {"step": phrase(f"step_{one.key}"), "due": one.due, "item": items.get(one.key)}
                for one in steps
            ],
            "now": asking.moment.now,
        },
        keys=_keys(steps, items, alert, number),
        files=False,
    )


def _title(asking: Asking, number: int) -> str:
    found = [one.title for one in asking.book.runbooks.values() if one.number == number]
    return found[0] if found else ""


def _keys(steps: list[Step], items: Found, alert: Alert | None, number: int) -> Keys:
    then = f"steps {number} {alert.id}" if alert else f"steps {number}"
    about = alert.id if alert else None
    missing = [one for one in steps if one.key not in items]
    if alert is not None and alert.state is State.RESOLVED:
        missing = []
    keys = [keyboard.adding(one, about, then) for one in missing]
    rows = [keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)]
    return [*rows, [Key("All steps", Verb.ASK, "todo")]]
