"""What happened, numbered, so that the page and the tests can follow along."""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice

from demo.telegram.bell import Bell
from demo.telegram.world import Json

KEPT_EVENTS = 5000


@dataclass(slots=True)
class Journal:
    capacity: int = KEPT_EVENTS
    last: int = 0
    bell: Bell = field(default_factory=Bell)
    events: deque[Json] = field(init=False)

    def __post_init__(self) -> None:
        self.events = deque(maxlen=self.capacity)

    def add(self, kind: str, **facts: object) -> None:
        self.last += 1
        self.events.append({"n": self.last, "kind": kind} | facts)
        self.bell.ring()

    def after(self, number: int) -> list[Json]:
        """Return the kept events that came after a number, oldest first."""
        fresh = self.last - number
        if fresh <= 0:
            return []
        # from the right: a follower is one event behind, and thousands are kept
        return list(islice(reversed(self.events), fresh))[::-1]

    def lost(self, number: int) -> bool:
        """Tell whether events after a number are no longer kept (or the count began anew)."""
        return number > self.last or self.last - number > len(self.events)
