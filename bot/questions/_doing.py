"""The buttons of answers that begin an action."""

from bot.core.keyboard import Colour, Key
from bot.core.question import Asking
from bot.core.verbs import Verb


def doing(asking: Asking, name: str, words: str = "", *, label: str = "") -> list[Key]:
    """One button, or none where the chat may not press it; the tap is checked anew."""
    action = asking.book.remediations.get(name)
    if action is None or not action.direct or not asking.offers(action.role):
        return []
    return [Key(label or action.label, Verb.DO, f"{name} {words}".strip(), Colour.DANGER)]


def running(asking: Asking) -> list[list[Key]]:
    """The row with the button that runs all checks, where the chat may press it."""
    if not asking.offers(Verb.CHECK.role):
        return []
    return [[Key("Run checks", Verb.CHECK, colour=Colour.PRIMARY)]]
