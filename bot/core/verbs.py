"""What a button can do, and the role each needs."""

from enum import StrEnum

from bot.core.model import Role


class Verb(StrEnum):
    ACKNOWLEDGE = "ack"
    SILENCE = "silence"
    ASK = "ask"  # a read-only question; the argument is its name and what it needs
    DO = "do"  # a remediation; the argument is its name
    CONFIRM = "yes"
    CANCEL = "no"

    @property
    def role(self) -> Role:
        return Role.VIEWER if self is Verb.ASK else Role.MANAGER
