"""When the shop's own jobs are expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Due:
    job: str
    at: datetime


class JobCalendar(Protocol):
    @property
    def patience(self) -> float:
        """Seconds that the shop's programs wait for a locked database before they fail."""
        ...

    def dues(self, since: datetime, until: datetime) -> Sequence[Due]:
        """Each due time after `since` and not after `until`, oldest first."""
        ...


class NoCalendar:
    """Nothing is known of any job."""

    patience = 5.0

    def dues(self, since: datetime, until: datetime) -> Sequence[Due]:
        del since, until
        return ()
