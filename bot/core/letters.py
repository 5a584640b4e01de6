"""Letters to people outside the chats: what one is, and who sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.core.model import Facts, Row, phrase


class Whom(StrEnum):
    """Who gets letters; their addresses are settings."""

    FINANCE = "finance"
    WB = "WB"
    OZON = "OZON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`template` renders to the subject in its first line and the text below.

    `key` is of the decision to send it: the Message-ID follows from it, so a mail program shows
    what came twice as one. `tables` are attached as XLSX, by their names. `chat` is the template
    of the same thing for a chat; without one it goes by mail only.
    """

    to: Whom
    template: str
    values: Mapping[str, object]
    key: str
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    chat: str | None = None


class Letters(Protocol):
    @property
    def payout_days(self) -> int:
        """From a sale to its payout, by the terms of the marketplaces."""
        ...

    def ways(self, to: Whom) -> Sequence[str]:
        """Where a letter would go: an address, "chat" or both; none: no setting says."""
        ...

    async def send(self, letter: Letter) -> Facts:
        """Send it once; done when a server or a chat took it. Raises `ActionFailed`.

        Facts: `mail`, the address that took it, and `chat`, the chat that did; None: not asked to.
        `trouble` is a phrase about one of two ways that failed.
        """
        ...


class NoLetters:
    """Nobody is written to."""

    payout_days = 7

    def ways(self, to: Whom) -> Sequence[str]:
        del to
        return []

    async def send(self, letter: Letter) -> Facts:
        # Never reached: the pre-flight refuses where there is no way.
        return {"mail": None, "chat": None, "trouble": phrase("letter_no_way", to=letter.to).key}
