"""How often and how many at once: token buckets by caller, and a count of what is under way."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from bot.web.problems import retry

MOST_CALLERS = 10_000  # remembered at a time; who has been quiet longest is forgotten first


@dataclass(slots=True)
class Bucket:
    tokens: float
    at: float


@dataclass(kw_only=True)
class Buckets:
    """A bucket for each caller: `burst` at once, then `rate` in a second."""

    rate: float
    burst: float
    clock: Callable[[], float]
    _known: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def take(self, caller: str) -> float:
        """Take one; 0: it may go on, else the seconds after which it may come again."""
        now = self.clock()
        bucket = self._known.pop(caller, None) or Bucket(self.burst, now)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
        bucket.at = now
        self._known[caller] = bucket
        if len(self._known) > MOST_CALLERS:
            self._known.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self.rate
        bucket.tokens -= 1
        return 0.0


@dataclass(slots=True)
class Guest:
    """One request inside; `size` is what of its body is held in memory."""

    room: "Room"
    size: int = 0

    def hold(self, more: int) -> None:
        if self.room.held + more > self.room.most_bytes:
            raise retry(HTTPStatus.SERVICE_UNAVAILABLE, "api_busy", 1)
        self.size += more
        self.room.held += more


@dataclass(kw_only=True)
class Room:
    """So many requests and bytes at a time; whoever comes too much is told to come again."""

    most: int
    most_bytes: int = 64_000_000
    busy: int = 0
    held: int = 0

    @contextmanager
    def one(self) -> Iterator[Guest]:
        if self.busy >= self.most:
            raise retry(HTTPStatus.SERVICE_UNAVAILABLE, "api_busy", 1)
        self.busy += 1
        guest = Guest(self)
        try:
            yield guest
        finally:
            self.busy -= 1
            self.held -= guest.size
