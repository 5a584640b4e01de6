"""The checklist for programs."""

from dataclasses import replace
from datetime import timedelta

from bot.core.ports import Tx
from bot.core.todo import Item, ItemState
from tests.conftest import NOON, Clock
from tests.web.conftest import Api, is_problem

HOUR = timedelta(hours=1)
PATH = "/api/v1/ops/todo"
CALL = Item(
    id=0,
    text="call the <bank>",
    chat_id=-1002,
    created_at=NOON,
    created_by="Ann",
    created_id=1001,
    due_at=NOON + 2 * HOUR,
    remind_at=NOON + 2 * HOUR,
)


def several(tx: Tx) -> None:
    tx.todos.add(CALL, key="1")
    pause = replace(CALL, step="pause_orders", text="", runbook=3, owner="Boris", owner_id=1002)
    tx.todos.add(replace(pause, due_at=NOON + HOUR), key="2")
    over = {"state": ItemState.DONE, "ended_at": NOON, "ended_by": "Ann", "ended_id": 1001}
    tx.todos.add(replace(CALL, text="rest", note="slept", **over), key="3")  # type: ignore[arg-type]  # fields


async def test_open_steps_are_told_the_longest_overdue_first(api: Api, clock: Clock) -> None:
    await api.write(several)
    clock.forward(hours=1.5)
    first, second = (await api.get(PATH)).json()
    assert (first["id"], first["step"], first["text"]) == (2, "pause_orders", "Pause new orders")
    assert (first["owner"], first["overdue"], first["runbook"]) == ("Boris", True, 3)
    assert (second["text"], second["overdue"]) == ("call the <bank>", False)
    assert second["due_at"] == second["remind_at"] == "2026-11-23T14:00:00Z"


async def test_what_is_over_says_who_ended_it_and_why(api: Api) -> None:
    await api.write(several)
    (done,) = (await api.get(f"{PATH}?state=done")).json()
    assert (done["ended_by"], done["note"], done["remind_at"]) == ("Ann", "slept", None)
    assert (await api.get(f"{PATH}?state=dropped")).json() == []
    assert len((await api.get(f"{PATH}?limit=1")).json()) == 1


async def test_it_is_read_only_and_not_for_everybody(api: Api) -> None:
    assert is_problem(await api.get(PATH, who="sender"), 403)
    assert is_problem(await api.get(PATH, who=None), 401)
    assert is_problem(await api.get(f"{PATH}?state=late"), 422)
    assert is_problem(await api.post(PATH), 405)
