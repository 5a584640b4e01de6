"""Somebody wants a scheduled thing now. Functions of one transaction."""

from bot.core import planned
from bot.core.model import phrase
from bot.core.press import Hand, Said, refuse


def now(hand: Hand, name: str) -> Said:
    """Have it done at the next look; what is planned stays planned."""
    plans = hand.book.plans
    one = plans.known.get(name)
    if one is None or one.now is not None:
        return refuse("button_unknown")
    entry = planned.settled(hand.tx.schedules.get(name), one, plans.zone, hand.now)
    hand.tx.schedules.save(planned.asked(entry, hand.who.name, hand.now))
    return Said(phrase("schedule_wanted", title=one.title))
