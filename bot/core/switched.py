"""Checks that are switched off: what they had open is closed, and what they saw is forgotten.

Nobody has seen that it healed, and nothing says so. Switched on again within the window of
deduplication, what still fires is back on its old card.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from bot.core import sight
from bot.core.book import Book
from bot.core.model import Alert, Json
from bot.core.ports import Tx
from bot.core.rounds import waiting_key

PROOF: Final[Mapping[str, Json]] = {"switched_off": True}


def close(tx: Tx, book: Book, now: datetime) -> int:
    """At the start, before anything looks at alerts; say how many were closed."""
    off = book.runbooks.keys() - book.watched.keys()
    for name in off:
        key = waiting_key(book.runbooks[name])
        if tx.recall(key):
            tx.remember(key, {}, now)
        tx.checks.forget(name)
    alerts = [alert for name in off for alert in tx.alerts.open(name)]
    # That it could not see is no trouble any more either; a source may blind others as well.
    alerts += [one for one in tx.alerts.open(sight.NAME) if _blinds(one) <= off]
    for alert in alerts:
        book.resolve(tx, alert, now, proof=PROOF)
    return len(alerts)


def _blinds(alert: Alert) -> AbstractSet[str]:
    found = alert.facts.get("checks", ())
    return {str(name) for name in found} if isinstance(found, Sequence) else set()
