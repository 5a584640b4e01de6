"""Take an alert by its number."""

from bot.core import desk_alerts
from bot.core.keyboard import Key
from bot.core.model import Phrase, Role
from bot.core.ports import Tx
from bot.core.question import Command, Order, Page
from bot.core.verbs import Verb
from bot.questions._orders import ID, answer


def command() -> Command:
    return Command(
        name="ack", about="Take an alert", act=act, params=[ID], role=Role.MANAGER, place=34
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    number = order.number("id")
    keys = [[Key("Give back", Verb.GIVE_BACK, f"{number} alert {number}")]]
    return answer(tx, order, desk_alerts.acknowledge, "answers/ack.html.j2", keys)
