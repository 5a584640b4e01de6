"""A clock moved by hand, for tests of what takes minutes in life."""

from dataclasses import dataclass


@dataclass(slots=True)
class HandClock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now
