"""People say that the shop is slow: an alert of its own, closed by hand."""

from bot.core import desk_manual
from bot.core.keyboard import Key, taking
from bot.core.model import Phrase, Role, phrase
from bot.core.params import Param
from bot.core.ports import Tx
from bot.core.question import Command, Order, Page
from bot.core.verbs import Verb
from bot.questions._orders import about, hand


def command() -> Command:
    return Command(
        name="slow",
        about="People complain that the dashboard is slow: opens an alert",
        act=act,
        params=[Param(name="note", default="", rest=True)],
        role=Role.MANAGER,
        place=38,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    alert = desk_manual.complain(hand(tx, order), order.word("note"), order.key)
    then = f"{alert.id} alert {alert.id}"
    keys = [[taking(alert, then), Key("Web API", Verb.ASK, "health")]]
    said = phrase("complaint_kept", alert=alert.id)
    return about(order, alert, said, "answers/slow.html.j2", keys)
