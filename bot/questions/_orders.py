"""Commands about one alert: find it, answer it, say so."""

from collections.abc import Callable

from bot.core.counter import FAR_AWAY
from bot.core.keyboard import Keys
from bot.core.model import Alert, Phrase, phrase
from bot.core.ports import Tx
from bot.core.press import Hand, Said
from bot.core.question import Order, Page, Param

ID = Param(name="id", low=1)


def hand(tx: Tx, order: Order) -> Hand:
    return Hand(tx, order.book, order.who, order.now)


def found(tx: Tx, order: Order, name: str = "id") -> Alert | Phrase:
    """The alert that was meant, or the sentence that there is none."""
    number = order.number(name)
    alert = tx.alerts.get(number) if number < FAR_AWAY else None
    return alert or phrase("alert_unknown", alert=number)


def answer(
    tx: Tx, order: Order, act: Callable[[Hand, Alert], Said], template: str, keys: Keys = ()
) -> Page | Phrase:
    """Do it to the alert with this id; a refusal is a sentence."""
    alert = found(tx, order)
    if isinstance(alert, Phrase):
        return alert
    said = act(hand(tx, order), alert)
    return said.text if said.loud else about(order, alert, said.text, template, keys)


def about(order: Order, alert: Alert, said: Phrase, template: str, keys: Keys = ()) -> Page:
    values = {"alert": alert, "line": order.wording.alert_line(alert), "said": said}
    return Page(template=template, values=values, keys=keys)
