"""One alert in the tables, and what became of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.model import Alert, Json, Severity, Status, fires
from bot.core.ports import Tx
from bot.core.records import CheckState, HistoryEntry, Silence
from bot.edges.store import SqlStore
from tests import fakes
from tests.conftest import NOON

HOUR = timedelta(hours=1)
GROWN: dict[str, Json] = {**fakes.FULL, "cause": "size"}
SICK = fires("shop database", Severity.WARNING, **GROWN)


def seen(tx: Tx, *readings: object, status: Status = Status.FIRING) -> None:
    tx.checks.save(
        CheckState(
            name="check_db_growth",
            status=status,
            since=NOON,
            round_at=NOON,
            readings=readings,  # type: ignore[arg-type]  # a test's own
        )
    )


def opened(tx: Tx) -> Alert:
    seen(tx, SICK)
    alert = tx.alerts.add("check_db_growth", SICK, NOON)
    return tx.alerts.save(replace(alert, remind_at=NOON + HOUR, escalate_at=NOON + 4 * HOUR))


async def now_is(store: SqlStore) -> Alert:
    found = await store.read(lambda tx: tx.alerts.get(1))
    assert found is not None
    return found


async def history(store: SqlStore) -> list[HistoryEntry]:
    return list(await store.read(lambda tx: tx.alerts.history(1)))


async def silences(store: SqlStore, now: datetime = NOON) -> list[Silence]:
    return list(await store.read(lambda tx: tx.silences.active(now)))


async def recorded(store: SqlStore, verdict: str) -> int:
    since = NOON - timedelta(days=1)
    return await store.read(lambda tx: tx.audit.count(since=since, verdicts=[verdict]))
