"""A checklist with wide values: late, taken, of an alert, done, not needed."""

from dataclasses import replace
from datetime import timedelta

from bot.core.model import Severity, State, fires
from bot.core.ports import Tx
from bot.core.todo import Item, ItemState
from tests.conftest import NOON

HOUR = timedelta(hours=1)
LONG = "Konstantin Konstantinopolsky"
FIRST = Item(
    id=0,
    text="call <the bank> & ask " + "whether they " * 13,
    chat_id=-1002,
    created_at=NOON - 30 * HOUR,
    created_by=LONG,
    created_id=8,
    due_at=NOON - 27 * HOUR,
    remind_at=NOON + 21 * HOUR,
    reminders=2,
    reminded_at=NOON - 3 * HOUR,
)


SOON = replace(
    FIRST,
    text="look at the stocks",
    due_at=NOON + 2 * HOUR,
    remind_at=NOON + 2 * HOUR,
    reminders=0,
    reminded_at=None,
)


def over(tx: Tx) -> None:
    alert = tx.alerts.add("check_cash_balance_threshold", fires("x", Severity.CRITICAL), NOON)
    tx.alerts.save(replace(alert, state=State.RESOLVED, resolved_at=NOON))


def several(tx: Tx) -> None:
    pause = replace(
        FIRST, step="pause_orders", text="", alert_id=3, runbook=3, owner=LONG, owner_id=8
    )
    soon = {"due_at": NOON + 2 * HOUR, "remind_at": NOON + 2 * HOUR, "reminders": 0}
    over = {"ended_at": NOON - HOUR, "ended_by": LONG, "ended_id": 8}
    steps = [
        FIRST,
        replace(pause, **soon, note="<b>the bank</b> said no"),  # type: ignore[arg-type]  # fields
        replace(FIRST, text="look at the stocks", due_at=NOON + 400 * HOUR),
        replace(pause, step="defer_payments", state=ItemState.DONE, **over),  # type: ignore[arg-type]  # likewise
        replace(pause, step="payment_terms", state=ItemState.DROPPED, **over),  # type: ignore[arg-type]  # likewise
        replace(FIRST, step="postgres_server", text="", runbook=5),
        *(replace(FIRST, text=f"thing {n}", due_at=NOON + n * HOUR) for n in range(1, 13)),
    ]
    for number, item in enumerate(steps):
        tx.todos.add(item, key=str(number))
