"""Work on the shop: nothing rings, and nothing repairs itself."""

from bot.core import desk_silences
from bot.core.desk_silences import Scope
from bot.core.keyboard import Key
from bot.core.model import Phrase, Role, Severity, phrase
from bot.core.ports import Tx
from bot.core.press import Said
from bot.core.question import Command, Order, Page, Param
from bot.core.verbs import Verb
from bot.questions._orders import hand

EVERYTHING = Scope(severity=Severity.CRITICAL, maintenance=True)


def command() -> Command:
    return Command(
        name="maintenance",
        about="Nothing rings or repairs itself for a while",
        act=act,
        params=[Param(name="time"), Param(name="reason", rest=True)],
        role=Role.MANAGER,
        place=39,
    )


def act(tx: Tx, order: Order) -> Page | Phrase:
    until = desk_silences.end_of(order.word("time"), order.book.policy, order.now)
    if until is None:
        return phrase("silence_how_long", usage=order.usage)
    made = desk_silences.begin(hand(tx, order), EVERYTHING, until, order.word("reason"))
    if isinstance(made, Said):
        return made.text
    return Page(
        template="answers/maintenance.html.j2",
        values={"made": made, "open": len(tx.alerts.open())},
        keys=[[Key("End maintenance", Verb.UNSILENCE, f"{made.id} silences")]],
    )
