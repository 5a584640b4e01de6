"""What a button can do, and the role each needs."""

from enum import StrEnum

from bot.core.model import Role


class Verb(StrEnum):
    """Arguments are ids and choices, never facts.

    On a card the alert is the card's own. On an answer the argument begins with the alert's
    id, and what follows is the question that the answer shows afterwards.
    """

    ACKNOWLEDGE = "ack"
    GIVE_BACK = "giveback"
    SILENCE = "silence"
    UNSILENCE = "unsilence"  # the argument is the silence's id
    CAUSE = "cause"  # why it is so; the alert's id and the cause
    ASK = "ask"  # a read-only question; the argument is its name and what it needs
    COPY = "copy"  # Telegram itself copies the argument; it never comes to us
    COMPLAIN = "complain"  # people feel what no check sees
    CLOSE = "close"  # an answer that offered something is put away
    LEAVE = "leave"  # a question that takes long is not wanted any more
    DO = "do"  # a remediation; the argument is its name and its own arguments
    CHECK = "check"  # a round of every check, now
    NOW = "now"  # a scheduled thing, at once; the argument is its name
    CONFIRM = "yes"  # from here on the argument is the run's id
    CANCEL = "no"
    STOP = "stop"
    UNDO = "undo"
    RESUME = "resume"
    STEP = (
        "step"  # a step of the catalogue, onto the checklist; its name, then the alert's id or 0
    )
    TAKE = "take"  # from here on the item's id and how often its time was changed
    FREE = "free"
    DONE = "done"
    LATER = "later"
    DROP = "drop"
    REOPEN = "reopen"

    @property
    def role(self) -> Role:
        return Role.VIEWER if self in FOR_ALL else Role.MANAGER


FOR_ALL = (Verb.ASK, Verb.CLOSE, Verb.COPY, Verb.LEAVE)
