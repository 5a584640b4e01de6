"""The next attempts of missed jobs that the assistant starts again, as people see them.

Functions of one transaction. What is kept of a job: `at` (ISO 8601), `number`, `most`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from bot.core.book import Book
from bot.core.model import Alert, Json
from bot.core.planned import Plans
from bot.core.ports import Tx

SCHEDULE: Final = "missed_jobs"
KEY: Final = "missed:waiting"


def known(tx: Tx, plans: Plans) -> Mapping[str, Json]:
    """By the job's name; nothing while the schedule is switched off."""
    plan = plans.known.get(SCHEDULE)
    return {} if plan is None or plan.when is None else _kept(tx)


def of_alert(tx: Tx, book: Book, alert: Alert) -> Json:
    """That of the job which this alert is about; None: it has none."""
    job = book.runbook(alert.check).job(alert.subject)
    return None if job is None else known(tx, book.plans).get(job)


def keep(tx: Tx, book: Book, found: Mapping[str, Json], now: datetime) -> None:
    """Keep them, and have the cards that tell them say what has changed."""
    before = _kept(tx)
    changed = {job for job in {*found, *before} if found.get(job) != before.get(job)}
    if not changed:
        return
    tx.remember(KEY, dict(found), now)
    for alert in list(_about(tx, book, changed)):
        tx.alerts.touch(alert.id)


def _about(tx: Tx, book: Book, jobs: set[str]) -> Iterable[Alert]:
    for runbook in book.runbooks.values():
        found = tx.alerts.open(runbook.name)
        yield from (one for one in found if runbook.job(one.subject) in jobs)


def _kept(tx: Tx) -> Mapping[str, Json]:
    found = tx.recall(KEY)
    return found if isinstance(found, Mapping) else {}
