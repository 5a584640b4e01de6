"""The message of a step that a person takes, and its reminders, in each state."""

from datetime import datetime, timedelta
from pathlib import Path

from bot.core import desk_todo, todo_changes, todo_reminders
from bot.core.desk_todo import Wanted
from bot.core.model import Alert, Person, Severity, State, fires
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.todo_changes import ITEM_VERBS
from bot.core.verbs import Verb
from tests.conftest import TEAM
from tests.questions.scene import POOR
from tests.snapshots.stage import KOSTYA, OLGA, WHY, Stage

KEPT = Path(__file__).with_name("steps")
CHECK = "check_cash_balance_threshold"
DISK = "заказать <диск> & "
HOUR = timedelta(hours=1)


async def added(stage: Stage, key: str, alert: Alert | None = None) -> None:
    def work(tx: Tx, now: datetime) -> None:
        step = key if alert else None
        wanted = Wanted(
            key=key,
            step=step,
            text="" if alert else DISK * 40,
            alert=alert,
            due_at=now + 2 * HOUR,
            chat_id=TEAM.chat,
        )
        desk_todo.add(Hand(tx, stage.book, OLGA, now), wanted)

    await stage.write(work)


async def does(stage: Stage, verb: Verb, number: int, who: Person = KOSTYA) -> None:
    def work(tx: Tx, now: datetime) -> None:
        item = tx.todos.get(number)
        assert item is not None
        ITEM_VERBS[verb](Hand(tx, stage.book, who, now), item, item.moves)

    await stage.write(work)


async def remarked(stage: Stage, number: int) -> None:
    def work(tx: Tx, now: datetime) -> None:
        item = tx.todos.get(number)
        assert item is not None
        todo_changes.remark(Hand(tx, stage.book, KOSTYA, now), item, WHY)

    await stage.write(work)


async def rings(stage: Stage) -> None:
    await stage.write(lambda tx, now: todo_reminders.remind(tx, stage.book.policy, now))


async def shows(stage: Stage, name: str, *numbers: int) -> None:
    """The newest message of each step."""
    for number in numbers:
        posts = await stage.write(lambda tx, _now, n=number: tx.posts.of_item(n))  # type: ignore[misc]  # a default binds it now
        await stage.show(f"{name}: T{number}", posts[-1])


async def test_a_step_reads_as_it_should(stage: Stage) -> None:
    await stage.sees(CHECK, fires("cash balance", Severity.CRITICAL, **POOR))
    alert = await stage.alert(CHECK, "cash balance")
    await added(stage, "pause_orders", alert)
    await added(stage, "typed")
    await shows(stage, "new", 1, 2)
    await does(stage, Verb.TAKE, 1)
    await shows(stage, "taken", 1)
    await stage.card("the alert's card", alert)
    stage.clock.forward(hours=2)
    await rings(stage)
    await shows(stage, "due", 1, 2)
    await does(stage, Verb.LATER, 2)
    await shows(stage, "a day more", 2)
    stage.clock.forward(days=1)
    await stage.changed(
        await stage.alert(CHECK, "cash balance"),
        state=State.RESOLVED,
        resolved_at=stage.clock() - HOUR,
        proof={"balance_rub": 12_345.0, "clears_above_rub": -8_000.0},
    )
    await rings(stage)
    await shows(stage, "the day after, its alert is over", 1)
    await stage.card("the alert's card", alert)
    await remarked(stage, 1)
    await does(stage, Verb.DROP, 1)
    await does(stage, Verb.DONE, 2)
    await shows(stage, "ended", 1, 2)
    stage.sheet.held(KEPT / "steps.html")
