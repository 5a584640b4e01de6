"""Alerts of every runbook, and what was done in them, told as widely as it can be."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.model import Alert, Person, Severity, fires
from bot.core.ports import Tx
from bot.core.records import HistoryEntry, Run, RunState
from bot.core.runbook import Runbook
from bot.core.todo import Item, ItemState
from tests.conftest import NOON
from tests.questions import scene

MINUTE = timedelta(minutes=1)
OPENED = NOON - 40 * MINUTE
WIDE = "<Konstantin> Konstantinopolsky-Vasilevsky of the night shift & co"[:64]
FACTS: dict[str, tuple[str, Severity, dict[str, Any]]] = {
    "check_db_growth": ("shop database", Severity.ERROR, scene.FULL),
    "check_cash_balance_threshold": ("cash balance", Severity.CRITICAL, scene.POOR),
    "check_commission_outliers": ("OZON", Severity.WARNING, scene.WRONG),
    "check_api_latency_p95": (
        "web API",
        Severity.WARNING,
        {"p95_ms": 2345, "threshold_ms": 1200, "at_least": False},
    ),
    "check_ingest_success_rate": (
        "WB",
        Severity.ERROR,
        {"missing_days": 1, "day": "2026-11-22", "usual_rows": 480},
    ),
    "check_scheduler_on_time": (
        "collect_yesterday_data",
        Severity.WARNING,
        {"problem": "missed", "job": "collect_yesterday_data", "due": "2026-11-23T02:00:00+00:00"},
    ),
    "check_token_expiry": (
        "WB_STATS_TOKEN",
        Severity.WARNING,
        {"flaw": None, "expired": False, "days_left": 12, "day": "2026-12-05"},
    ),
    "check_cash_reserve": (
        "cash reserve",
        Severity.WARNING,
        {"reserve_days": 12, "wanted_days": 30, "clears_at_days": 33},
    ),
    "check_db_connections": (
        "database connections",
        Severity.WARNING,
        {"open": 81, "most": 97, "pct": 83.5},
    ),
}


ARGS: dict[str, dict[str, str]] = {
    "remediate_rate": {
        "marketplace": "OZON",
        "rate": "12.5",
        "from": "2026-11-20",
        "category": "Electronics",
    }
}


def opened(tx: Tx, runbook: Runbook, at: datetime = OPENED) -> Alert:
    subject, severity, facts = FACTS[runbook.name]
    return tx.alerts.add(runbook.name, fires(subject, severity, **facts), at)


def run(  # noqa: PLR0913  # a run is all of these
    tx: Tx,
    action: str,
    state: RunState = RunState.SUCCEEDED,
    *,
    alert: Alert | None = None,
    at: datetime = NOON - 10 * MINUTE,
    who: str | None = "Ann",
    **more: Any,  # noqa: ANN401  # a run's other fields
) -> Run:
    """One run, done in a minute; `who` None: by itself."""
    about = alert.id if alert else None
    began = state not in {RunState.ASKED, RunState.PROPOSED, RunState.REFUSED, RunState.EXPIRED}
    ended = began and state not in {RunState.RUNNING, RunState.VERIFYING, RunState.REQUESTED}
    made = tx.runs.add(
        replace(
            Run(
                id=0,
                key=f"{action}:{state}:{at}:{who}:{about}",
                action=action,
                target=f"{action}:{at}:{about}",
                state=state,
                asked_at=at,
                asked_by=None if who is None else 1001,
                asked_name=who or "SoVAni Ops",
                alert_id=alert.id if alert else None,
                started_at=at if began else None,
                finished_at=at + MINUTE if ended else None,
                args=ARGS.get(action, {}),
            ),
            **more,
        )
    )
    assert made is not None
    return made


def told(tx: Tx, alert: Alert, event: str, who: str = "Boris", **values: str) -> None:
    entry = HistoryEntry(
        alert_id=alert.id, at=NOON - 5 * MINUTE, who=who, event=event, values=values
    )
    tx.alerts.write(entry)


def looked(
    tx: Tx,
    question: str,
    who: str = "Vera",
    at: datetime = NOON - 8 * MINUTE,
    verdict: str = "looking",
) -> None:
    """A tap on the page of a runbook, as the audit log keeps it: `5 12 latency`."""
    person = Person(id=1003, name=who)
    did = f"ask:look {question}"
    tx.audit.write(now=at, who=person, chat_id=-1002, did=did, verdict=verdict)


def listed(tx: Tx, key: str, alert: Alert | None, kind: int, who: str = "Boris") -> Item:
    """A step on the checklist: of nobody, of somebody, done, or not needed."""
    over = kind % 4 > 1
    item = Item(
        id=0,
        step=key,
        alert_id=alert.id if alert else None,
        chat_id=-1002,
        created_at=NOON - 9 * MINUTE,
        created_by="Ann",
        created_id=1001,
        due_at=NOON + 99 * MINUTE,
        remind_at=NOON + 99 * MINUTE,
        owner=who if kind % 4 == 1 else None,
        state=(ItemState.OPEN, ItemState.OPEN, ItemState.DONE, ItemState.DROPPED)[kind % 4],
        ended_at=NOON - MINUTE if over else None,
        ended_by=who if over else None,
    )
    made = tx.todos.add(item, key=f"{key}:{kind}:{who}")
    assert made is not None
    return made


def busy_hour(tx: Tx, runbook: Runbook) -> Alert:
    """Everything that can be ticked was done: some by itself, some badly, some not yet over."""
    alert = opened(tx, runbook)
    number = runbook.number
    looked(tx, f"{number} {alert.id} diagnose")
    for at, line in enumerate(runbook.steps):
        for asked in list(line.asks.values())[:1]:
            looked(tx, f"{number} {alert.id} {asked}", at=NOON - at * MINUTE)
        for key in line.todo:
            listed(tx, key, alert, at)
        for event in line.told:
            told(tx, alert, event, **({"cause": "rate"} if event == "cause" else {"text": "x"}))
    states = (
        RunState.SUCCEEDED,
        RunState.RUNNING,
        RunState.FAILED,
        RunState.NOT_VERIFIED,
        RunState.INTERRUPTED,
    )
    names = [name for line in runbook.steps for name in sorted(line.actions)]
    for at, name in enumerate(dict.fromkeys(names)):
        state = states[at % len(states)]
        who = None if name == runbook.automatic else "Ann"
        run(tx, name, state, alert=alert, who=who, at=NOON - (at + 2) * MINUTE)
    return alert
