"""People's own alarms: somebody says that the shop is slow. Functions of one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core import desk_alerts
from bot.core.manual import LATENCY, NAME
from bot.core.model import Alert, Facts, Json, Severity, Status, fires
from bot.core.ports import Tx
from bot.core.press import Hand
from bot.core.rounds import Round

SLOW: Final = "slow dashboard"
FIGURES: Final = ("p95_ms", "at_least", "threshold_ms", "requests", "slowest")


def complain(hand: Hand, text: str, key: str) -> Alert:
    """Open the alert, or add to the open one; `key` names the message, which may come again."""
    before = _opened(hand.tx)
    if before is not None and _heard(hand.tx, before, key):
        return before
    others = {} if before is None else before.facts
    names = [one for one in _names(others) if one != hand.who.name]
    reading = fires(
        SLOW,
        Severity.WARNING,
        **_figures(hand.tx),
        people=[*names, hand.who.name],
        said=" ".join(text.split())[: desk_alerts.LONGEST_NOTE],
    )
    Round(hand.tx, hand.book, hand.book.runbook(NAME), hand.now).settle([reading])
    alert = _opened(hand.tx)
    assert alert is not None  # noqa: S101  # it was opened a line above
    if before is not None:  # the card shows numbers once a minute; a person's word is more
        hand.tx.alerts.save(replace(alert, told_at=hand.now))
    desk_alerts.note(hand, alert, text or SLOW, key)
    return alert


def _opened(tx: Tx) -> Alert | None:
    return next((alert for alert in tx.alerts.open(NAME) if alert.subject == SLOW), None)


def _heard(tx: Tx, alert: Alert, key: str) -> bool:
    return any(entry.values.get("key") == key for entry in tx.alerts.history(alert.id))


def _names(facts: Facts) -> list[str]:
    people = facts.get("people", ())
    return [str(one) for one in people] if isinstance(people, Sequence) else []


def _figures(tx: Tx) -> dict[str, Json]:
    """What the latency check saw in its last round; None where it saw nothing."""
    state = tx.checks.get(LATENCY)
    seen = [
        one
        for one in (state.readings if state and state.status is not Status.UNKNOWN else ())
        if one.facts.get("p95_ms") is not None
    ]
    facts = seen[0].facts if seen else {}
    found: dict[str, Json] = {name: facts.get(name) for name in FIGURES}
    return {**found, "seen_at": state.round_at.isoformat() if state and seen else None}
