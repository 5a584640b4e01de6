"""Names of people by their ids, as last seen: the settings hold numbers, people read names."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Alert, Person, Severity, State
from bot.core.policy import Policy
from bot.core.ports import Tx


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Whom a card or a notice mentions; `until` None: for longer than a week."""

    people: tuple[Person, ...]
    until: datetime | None


def seen(tx: Tx, who: Person, now: datetime) -> None:
    """Remember the name of somebody who has just spoken."""
    if tx.recall(_key(who.id)) != who.name:
        tx.remember(_key(who.id), who.name, now)


def known(tx: Tx, person_id: int) -> Person:
    """Name a person as last seen, or by number."""
    name = tx.recall(_key(person_id))
    return Person(id=person_id, name=str(name or person_id))


def on_duty(tx: Tx, policy: Policy, now: datetime) -> OnDuty:
    duty = policy.duty(now)
    return OnDuty(tuple(known(tx, one) for one in duty.people), duty.until)


def to_mention(tx: Tx, policy: Policy, alert: Alert, now: datetime) -> OnDuty | None:
    """Who is called when this alert rings: nobody for a mild one, or one that is taken."""
    if alert.state is not State.FIRING or alert.severity.rank < Severity.ERROR.rank:
        return None
    found = on_duty(tx, policy, now) if policy.rota else None
    return found if found and found.people else None


def _key(person_id: int) -> str:
    return f"person:{person_id}"
