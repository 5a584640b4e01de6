"""Close an alert whose check can no longer see it."""

from bot.core import desk_alerts
from bot.core.model import Phrase, Role
from bot.core.ports import Tx
from bot.core.question import Command, Order, Page
from bot.questions._orders import ID, answer


def command() -> Command:
    return Command(
        name="resolve",
        about="Close an alert that its check does not see any more",
        act=act,
        params=[ID],
        role=Role.MANAGER,
        place=36,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    return answer(tx, order, desk_alerts.resolve, "answers/resolve.html.j2")
