"""The queue of updates of the one bot: offsets, long polling, life time, one poller at a time."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.telegram.bell import Bell
from demo.telegram.refusals import OTHER_POLLER, WEBHOOK_IS_SET, conflict
from demo.telegram.world import Json

MESSAGE_LIVES = 24 * 3600
CALLBACK_LIVES = 150
LIMIT = 100
LONGEST_POLL = 50
KEPT_UPDATES = 100_000
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Update:
    kind: str
    body: Json
    dies_at: float


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    failed: int = 0
    last_error: str = ""
    last_error_at: int = 0


@dataclass(slots=True)
class Updates:
    clock: Callable[[], float]
    pending: deque[Update] = field(default_factory=lambda: deque(maxlen=KEPT_UPDATES))
    allowed: frozenset[str] = frozenset()  # empty: all but NOT_BY_DEFAULT
    webhook: Webhook = field(default_factory=Webhook)
    bell: Bell = field(default_factory=Bell)
    last_id: int = field(init=False)
    _poller: object = None
    _closing: bool = False
    _first_death: float = math.inf

    def __post_init__(self) -> None:
        # grows across restarts of the emulator, so that a bot that goes on polling misses nothing
        self.last_id = int(self.clock())

    def push(self, kind: str, payload: Json) -> int | None:
        """Queue an update and return its id, or None when the bot does not want this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if not wanted:
            return None
        self.last_id += 1
        lives = CALLBACK_LIVES if kind == "callback_query" else MESSAGE_LIVES
        body = {"update_id": self.last_id, kind: payload}
        dies_at = self.clock() + lives
        self._first_death = min(self._first_death, dies_at)
        self.pending.append(Update(kind, body, dies_at))
        self.bell.ring()
        return self.last_id

    def acknowledge(self, offset: int) -> None:
        """Forget everything before an offset; a negative one keeps that many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        while self.pending and self.pending[0].body["update_id"] < offset:
            self.pending.popleft()

    def head(self, limit: int) -> list[Json]:
        """Return the oldest live updates without taking them away."""
        self._bury()
        count = min(limit, len(self.pending))
        return [self.pending[index].body for index in range(count)]

    def interrupt(self) -> None:
        """End the long poll under way without updates."""
        self._poller = None
        self.bell.ring()

    def close(self) -> None:
        """End a long poll at once, so that the server can stop."""
        self._closing = True
        self.bell.ring()

    def _bury(self) -> None:
        now = self.clock()
        if now < self._first_death:
            return
        alive = [update for update in self.pending if update.dies_at > now]
        self.pending.clear()
        self.pending.extend(alive)
        self._first_death = min((update.dies_at for update in alive), default=math.inf)

    async def poll(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """Answer getUpdates. A later poll ends this one with a conflict."""
        if self.webhook.url:
            raise conflict(WEBHOOK_IS_SET)
        me = self._poller = object()
        self.bell.ring()
        self.acknowledge(offset)
        limit = limit if 1 <= limit <= LIMIT else LIMIT
        fresh = self.head(limit)
        seconds = min(seconds, LONGEST_POLL)
        ends = time.monotonic() + seconds
        while not fresh and not self._closing and (left := ends - time.monotonic()) > 0:
            await self.bell.wait(left)
            if self._poller is None:
                break
            if self._poller is not me:
                raise conflict(OTHER_POLLER)
            fresh = self.head(limit)
        return fresh
