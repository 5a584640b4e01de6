"""Alerts that other programs send: the same life as our checks' own, and one thing more.

A sender names the alerts that fire and those that are over. It says nothing of others, and it may
fall silent: then nobody knows whether an alert still holds. It stays open and says so; only its
sender, or a person, ends it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core import beats
from bot.core.book import Book
from bot.core.model import Alert, Reading, Status
from bot.core.ports import Tx
from bot.core.records import Promise
from bot.core.rounds import Round
from bot.core.runbook import Question, Runbook
from bot.core.unwatched import no_facts, nothing

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "prometheus": "Alert from Prometheus",
        "alertmanager": "Alert from Alertmanager",
        "grafana": "Alert from Grafana",
        "generic": "Alert from outside",
    }
)
SILENT = "silent_since"  # the fact that an alert's sender does not speak of it any more
AT_ONCE = 500  # alerts that fall silent in one transaction


@dataclass(frozen=True, slots=True)
class Told:
    """What a sender says of one alert; it will say so again before `until`."""

    reading: Reading
    until: datetime | None = None


def name_of(source: str) -> str:
    return f"external_{source}"


def runbooks() -> dict[str, Runbook]:
    """One for each kind of sender, so that each can be silenced by itself."""
    return {name_of(source): _runbook(source, title) for source, title in SOURCES.items()}


def take(tx: Tx, book: Book, check: str, told: Sequence[Told], now: datetime) -> None:
    """Save what one sender says; the last word on a subject is the one that holds."""
    latest = {one.reading.subject: one for one in told}
    Round(tx, book, book.runbook(check), now).heard([one.reading for one in latest.values()])
    firing = {one for one, last in latest.items() if last.reading.status is Status.FIRING}
    tx.heard.keep(
        [
            Promise(check=check, subject=one, heard_at=now, until=latest[one].until)
            for one in sorted(firing)
        ]
    )
    tx.heard.drop(check, latest.keys() - firing)


def lapse(tx: Tx, book: Book, now: datetime, grace: timedelta) -> int:
    """Mark alerts whose sender should have spoken of them by now; say how many."""
    lapsed: dict[str, list[Promise]] = defaultdict(list)
    for promise in tx.heard.lapsed(now - grace, AT_ONCE):
        lapsed[promise.check].append(promise)
    for check, promises in lapsed.items():
        _lapse(tx, book, check, promises, now)
    return sum(map(len, lapsed.values()))


def still_tells(tx: Tx, book: Book, alert: Alert) -> bool:
    """Whether it would be open again at once if somebody closed it."""
    if alert.check == beats.NAME:
        return alert.subject in book.beats  # what is well is over without anybody's help
    promise = tx.heard.get(alert.check, alert.subject)
    return promise is not None and promise.until is not None


def _lapse(tx: Tx, book: Book, check: str, promises: Sequence[Promise], now: datetime) -> None:
    subjects = {one.subject for one in promises}
    still = {one.subject: one for one in tx.alerts.open_among(check, subjects)}
    silent = [one for one in promises if one.subject in still]
    readings = [_silent(still[one.subject], one) for one in silent]
    if readings:
        Round(tx, book, book.runbook(check), now).heard(readings)
    tx.heard.keep([replace(one, until=None) for one in silent])
    tx.heard.drop(check, subjects - still.keys())


def _silent(alert: Alert, promise: Promise) -> Reading:
    since = promise.heard_at.isoformat()
    return Reading(
        subject=alert.subject,
        status=Status.FIRING,
        severity=alert.severity,
        facts={**alert.facts, SILENT: since},
    )


def _runbook(source: str, title: str) -> Runbook:
    return Runbook(
        name=name_of(source),
        title=title,
        number=0,
        detect=nothing,
        diagnose=Question(
            name="diagnose", label="Details", template="external/diagnosis.html.j2", read=no_facts
        ),
        home="external",
    )
