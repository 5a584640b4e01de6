"""What a switch is, and what it may reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from demo.shop.settings import Settings
from demo.shop.supervision import Supervisor


@dataclass(frozen=True, slots=True)
class Site:
    """The shop as seen by the switches. `clock` gives the time in UTC."""

    settings: Settings
    web_url: str
    supervisor: Supervisor
    clock: Callable[[], datetime]

    @property
    def database(self) -> Path:
        return self.settings.database


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How the page shows a switch. `mend_by` is what repairs the shop, in the chat's words."""

    id: str
    label: str
    explains: str
    mend_by: str


class Switch(Protocol):
    @property
    def card(self) -> Card: ...

    async def is_on(self) -> bool:
        """Look whether the shop is broken in this way now."""

    async def turn(self, *, on: bool) -> str | None:
        """Break or repair the shop; returns a note where there is something to say."""
