"""What the state tables say of alerts and runs: a few statements, whatever their number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Alert
from bot.core.records import Run
from bot.edges.store import changes
from bot.edges.store.tx import SqlTx


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert, when it opened for the first time, and the chats that were shown it."""

    alert: Alert
    first_at: datetime
    chats: Sequence[int]


@dataclass(frozen=True, slots=True)
class Over:
    """A run that has ended; `earlier` is how often the same was tried for its alert before."""

    run: Run
    earlier: int
    about: Shown | None


def shown(tx: SqlTx, alert_ids: Collection[int]) -> Mapping[int, Shown]:
    """By number; what is forgotten by now is left out."""
    if not alert_ids:
        return {}
    firsts = changes.first_at(tx.connection, alert_ids)
    chats = changes.chats(tx.connection, alert_ids)
    return {
        one.id: Shown(one, firsts[one.id], chats.get(one.id, ()))
        for one in changes.alerts_of(tx.connection, alert_ids)
        if one.id in firsts
    }


def over(tx: SqlTx, runs: Sequence[Run]) -> list[Over]:
    alerts = shown(tx, {run.alert_id for run in runs if run.alert_id is not None})
    return [
        Over(run, _earlier(tx, run), None if run.alert_id is None else alerts.get(run.alert_id))
        for run in runs
    ]


def _earlier(tx: SqlTx, run: Run) -> int:
    if run.alert_id is None:
        return 0
    tried = [one for one in tx.runs.of_alert(run.alert_id) if one.started_at is not None]
    return sum(1 for one in tried if one.action == run.action and one.id < run.id)
