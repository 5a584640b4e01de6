"""A remark about an alert, kept in its story."""

from bot.core import desk_alerts
from bot.core.model import Alert, Phrase, Role
from bot.core.ports import Tx
from bot.core.press import Hand, Said
from bot.core.question import Command, Order, Page, Param
from bot.questions._orders import ID, answer


def command() -> Command:
    return Command(
        name="note",
        about="Keep a remark about an alert; a reply to its card does the same",
        act=act,
        params=[ID, Param(name="text", rest=True)],
        role=Role.MANAGER,
        place=37,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    def keep(hand: Hand, alert: Alert) -> Said:
        return desk_alerts.note(hand, alert, order.word("text"), order.key)

    return answer(tx, order, keep, "answers/note.html.j2")
