"""Give an alert back: nobody has it, its clocks start anew."""

from bot.core import desk_alerts
from bot.core.model import Phrase, Role
from bot.core.ports import Tx
from bot.core.question import Command, Order, Page
from bot.questions._orders import ID, answer


def command() -> Command:
    return Command(
        name="giveback",
        about="Give an alert back that somebody took",
        act=act,
        params=[ID],
        role=Role.MANAGER,
        place=35,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    return answer(tx, order, desk_alerts.give_back, "answers/giveback.html.j2")
