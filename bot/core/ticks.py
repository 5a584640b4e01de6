"""What is due by the clock: reminders, silences that end, causes that come and go."""

from dataclasses import replace
from datetime import datetime

from bot.core import matrix, quiet, silence, telling, unsilence
from bot.core.book import Book
from bot.core.model import Alert
from bot.core.ports import Tx


def tick(tx: Tx, book: Book, now: datetime) -> int:
    """Do what is due by the clock; say how many alerts it touched."""
    changed = _inhibit(tx, book, now) + _release(tx, book, now) + _unsilence(tx, book, now)
    due = list(tx.alerts.clocks_due(now))  # last: a clock that goes on may be due at once
    for alert in due:
        telling.clock(tx, book.policy, alert, now)
    return changed + len(due)


def _unsilence(tx: Tx, book: Book, now: datetime) -> int:
    """What a silence had swallowed and still fires is told when the silence is over."""
    over = unsilence.newly_over(tx, book.policy, now)
    alerts = tx.alerts.open() if over is None or over else []
    if over is not None:  # else every due time may be too far away: the clock was set back
        alerts = [one for one in alerts if any(silence.covers(end, one) for end in over)]
    for alert in alerts:
        _go_on(tx, book, alert, now)
    return len(alerts)


def _go_on(tx: Tx, book: Book, alert: Alert, now: datetime) -> None:
    """What kept this alert from ringing may be over: tell what was not told."""
    if quiet.of(tx, book.policy, alert, now) is None:
        alert = matrix.capped(alert, now, book.policy.matrix)
    saved = tx.alerts.save(alert)
    telling.unsilenced(tx, book.policy, saved, now)


def _inhibit(tx: Tx, book: Book, now: datetime) -> int:
    """Alerts that another one has made doubtful since they opened ring no more."""
    count = 0
    for runbook in book.runbooks.values():
        cause = book.cause(tx, runbook)
        for alert in tx.alerts.open(runbook.name) if cause else []:
            if cause and alert.cause_id is None:
                book.note(tx, alert, now, "inhibited", by=cause.id)
                tx.alerts.save(matrix.stopped(replace(alert, cause_id=cause.id)))
                count += 1
    return count


def _release(tx: Tx, book: Book, now: datetime) -> int:
    """Alerts whose cause is over speak for themselves from now on."""
    count = 0
    for alert in tx.alerts.freed():
        count += 1
        runbook = book.known.get(alert.check)  # None: a release without this check
        other = book.cause(tx, runbook) if runbook else None
        freed = replace(alert, cause_id=other.id if other else None)
        if other is None:
            freed = matrix.resumed(freed, now, book.policy.matrix)
            book.note(tx, alert, now, "released")
        saved = tx.alerts.save(freed)
        if other is None:
            telling.released(tx, book.policy, saved, now)
    return count
