"""Numbers over time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.series import Sample, Stretch


class Series(Protocol):
    """Numbers over time (see `bot.core.series`): by the minute for 35 days, then by the hour."""

    def keep(self, samples: Sequence[Sample], now: datetime) -> None: ...

    def stretches(
        self, name: str, subject: str, *, since: datetime, until: datetime, seconds: int
    ) -> Sequence[Stretch]:
        """What was kept from `since` to before `until`, summed up by `seconds`, oldest first.

        Stretches begin at multiples of `seconds` since 1970; one without a round is left out.
        Those older than 35 days are an hour wide at least.
        """
        ...

    def sums(self, prefix: str, *, since: datetime, until: datetime) -> Mapping[str, float]:
        """The sum of each series whose name begins so, by the rest of its name."""
        ...

    def subjects(self, name: str) -> Sequence[str]: ...

    def shrink(self, now: datetime) -> int:
        """Sum up or forget a small batch of what is old; how much of it there was."""
        ...
