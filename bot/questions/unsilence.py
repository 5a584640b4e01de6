"""End a silence by its number, or that of its alert."""

from bot.core import desk_silences, quiet
from bot.core.keyboard import may_end
from bot.core.model import Phrase, Role, phrase
from bot.core.ports import Tx
from bot.core.question import Command, Order, Page, Param
from bot.core.records import Silence
from bot.questions._orders import hand
from bot.questions._targets import alert_number


def command() -> Command:
    return Command(
        name="unsilence",
        about="End a silence: its number in /silences, or its alert's",
        act=act,
        params=[Param(name="id")],
        role=Role.MANAGER,
        place=38,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    word = order.word("id")
    found = _by_number(tx, word) if word[:1] in {"s", "S"} else _of_alert(tx, order, word)
    if isinstance(found, Phrase):
        return found
    said = desk_silences.end(hand(tx, order), found.id)
    if said.loud:
        return said.text
    runbook = order.book.runbook(found.check) if found.check else None
    values = {"one": found, "runbook": runbook}
    return Page(template="answers/unsilence.html.j2", values=values)


def _by_number(tx: Tx, word: str) -> Silence | Phrase:
    """S5 is the fifth silence, as /silences calls it."""
    number = alert_number(word[1:])
    found = tx.silences.get(number) if number is not None else None
    return found or phrase("silence_unknown")


def _of_alert(tx: Tx, order: Order, word: str) -> Silence | Phrase:
    number = alert_number(word)
    alert = tx.alerts.get(number) if number is not None else None
    if alert is None:
        return phrase("alert_unknown", alert=word[:20])
    found = quiet.of(tx, order.book.policy, alert, order.now)
    if found is None:
        return phrase("not_silenced", alert=alert.id)
    if not may_end(found):
        return phrase("silenced_by_maintenance", until=found.until.isoformat())
    return found
