"""Where steps of people are seen besides their own list: story, brief, schedule, files."""

from dataclasses import replace

from bot.core import desk_todo
from bot.core.desk_todo import Wanted
from bot.core.keyboard import Key
from bot.core.model import Person, Severity, fires
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.question import Page
from bot.core.todo import ItemState
from bot.core.todo_changes import ITEM_VERBS
from bot.core.verbs import Verb
from tests.conftest import NOON
from tests.questions import checklist, planned_things
from tests.questions.conftest import Room, labels

BORIS = Person(id=8, name="Boris <b>")


async def test_the_story_of_an_alert_says_who_did_which_step_when(room: Room) -> None:
    def work(tx: Tx) -> None:
        alert = tx.alerts.add("check_x", fires("x", Severity.ERROR), NOON)
        for at, step in enumerate(("pause_orders", "defer_payments")):
            wanted = Wanted(key=step, step=step, alert=alert, due_at=NOON, chat_id=1)
            desk_todo.add(Hand(tx, room.book, BORIS, NOON), wanted)
            item = tx.todos.get(at + 1)
            assert item is not None
            for verb in (Verb.TAKE, Verb.LATER, (Verb.DONE, Verb.DROP)[at], Verb.REOPEN):
                hand = Hand(tx, room.book, BORIS, NOON)
                now = tx.todos.get(item.id)
                assert now is not None
                ITEM_VERBS[verb](hand, now, now.moves)

    await room.store.write(work)
    assert (await room.read("alert 1")).split("What happened</b>\n")[1].splitlines() == [
        "15:00 📋 T1 added by Boris &lt;b&gt;: Pause new orders",
        "15:00 👤 T1 taken by Boris &lt;b&gt;",
        "15:00 ⏳ T1 due 24 Nov 15:00, says Boris &lt;b&gt;",
        "15:00 ✅ T1 done by Boris &lt;b&gt;: Pause new orders",
        "15:00 📋 T1 opened again by Boris &lt;b&gt;",
        "15:00 📋 T2 added by Boris &lt;b&gt;: Put off payments that can wait",
        "15:00 👤 T2 taken by Boris &lt;b&gt;",
        "15:00 ⏳ T2 due 24 Nov 15:00, says Boris &lt;b&gt;",
        "15:00 🚫 T2 not needed, says Boris &lt;b&gt;: Put off payments that can wait",
        "15:00 📋 T2 opened again by Boris &lt;b&gt;",
    ]


async def test_the_history_counts_the_steps_of_an_alert(room: Room) -> None:
    def work(tx: Tx) -> None:
        alert = tx.alerts.add("check_db_growth", fires("x", Severity.ERROR), NOON)
        tx.alerts.add("check_db_growth", fires("y", Severity.ERROR), NOON)
        mine = replace(checklist.SOON, alert_id=alert.id)
        tx.todos.add(mine, key="1")
        tx.todos.add(replace(mine, state=ItemState.DONE, ended_at=NOON), key="2")
        tx.todos.add(replace(mine, state=ItemState.DROPPED, ended_at=NOON), key="3")

    await room.store.write(work)
    lines = [line for line in (await room.read("history")).splitlines() if "open for" in line]
    assert lines == [
        "<i>15:00 · open for 0 s</i>",
        "<i>15:00 · open for 0 s · checklist 1 of 2</i>",
    ]


async def test_the_brief_counts_what_is_open_and_names_the_most_urgent(room: Room) -> None:
    assert "/todo" not in await room.read("brief")
    await room.store.write(lambda tx: tx.todos.add(checklist.SOON, key="1"))
    lines = (await room.read("brief")).splitlines()
    at = lines.index("📋 Checklist: 1 open: /todo")
    assert lines[at + 1] == "T1 look at the stocks <i>(nobody has it, 17:00)</i>"
    late = replace(checklist.SOON, text="pay", due_at=NOON, owner="Ann", owner_id=7)
    await room.store.write(lambda tx: tx.todos.add(late, key="2"))
    lines = (await room.read("brief")).splitlines()
    at = lines.index("🔴 Checklist: 2 open, 1 overdue: /todo")
    assert lines[at + 1] == "T2 pay <i>(Ann, 15:00)</i>"


async def test_the_schedule_says_when_a_step_rings_next(room: Room) -> None:
    room.book = replace(room.book, plans=planned_things.PLANS)
    assert "Checklist" not in await room.read("schedule")
    await room.store.write(lambda tx: tx.todos.add(checklist.SOON, key="1"))
    text = await room.read("schedule")
    assert text.endswith("📋 <b>Checklist</b>\nNext reminder 17:00: T1, /todo")


async def test_the_whole_list_is_a_file(room: Room) -> None:
    def work(tx: Tx) -> None:
        for number in range(9):
            tx.todos.add(replace(checklist.SOON, text=f"thing {number}"), key=str(number))
        tx.todos.add(replace(checklist.SOON, state=ItemState.DONE, ended_at=NOON), key="done")

    await room.store.write(work)
    page = await room.ask("export csv todo")
    assert page.table is not None
    assert [row["number"] for row in page.table.rows] == [f"T{n}" for n in range(1, 10)]


async def test_a_long_list_turns_and_a_tap_keeps_its_page(room: Room) -> None:
    def work(tx: Tx) -> None:
        for number in range(9):
            tx.todos.add(replace(checklist.SOON, owner="Ann", owner_id=7), key=str(number))

    await room.store.write(work)
    first, second = await room.ask("todo"), await room.ask("page 2 todo")
    assert labels(first)[-1] == ["Next ▶"]
    assert labels(second) == [
        ["Done T7", "T7…"],
        ["Done T8", "T8…"],
        ["Done T9", "T9…"],
        ["◀ Previous"],
    ]
    assert [done(page).arg for page in (first, second)] == ["1 0 todo", "7 0 page 2 todo"]


def done(page: Page) -> Key:
    return page.keys[0][0]


async def test_steps_of_an_alert_that_is_over_cannot_be_added(room: Room) -> None:
    await room.store.write(checklist.over)
    assert labels(await room.ask("steps 3 1")) == [["All steps"]]
    assert "over since 15:00" in await room.read("steps 3 1")
