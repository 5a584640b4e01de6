"""Telegram's sending limits, kept before Telegram has to say so (telegram.md §2)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

ALL_PER_SECOND, ALL_SPARE = 25, 3  # of about 30
CHAT_BURST, CHAT_SECONDS, CHAT_SPARE = 3, 3.0, 1  # about one a second, with a short burst
GROUP_PER_MINUTE, MINUTE, GROUP_SPARE = 18, 60.0, 1  # of about 20
IN_A_ROW = 30.0  # seconds within which refusals in several chats mean all of them


@dataclass(slots=True)
class _Window:
    """At most `count` events in any `seconds`; `spare` more for people who wait."""

    count: int
    seconds: float
    spare: int
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, *, urgent: bool) -> float:
        while self.times and now - self.times[0] >= self.seconds:
            self.times.popleft()
        over = len(self.times) - (self.count + self.spare * urgent)
        return 0.0 if over < 0 else self.times[over] + self.seconds - now


class Pace:
    """How long to wait before the next request to a chat. Times are monotonic seconds.

    One for the whole process: alerts and answers together must stay below the limits.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        per_second: int = ALL_PER_SECOND,
        chat_burst: int = CHAT_BURST,
        group_per_minute: int = GROUP_PER_MINUTE,
    ) -> None:
        self.clock = clock
        self._chat_burst = chat_burst
        self._group_per_minute = group_per_minute
        self._all = _Window(per_second, 1.0, ALL_SPARE)
        self._chats: dict[int, list[_Window]] = {}
        self._held: dict[int | None, float] = {}
        self._refused: dict[int, float] = {}  # chats that were refused since the last success

    def wait(self, chat_id: int, *, urgent: bool = False) -> float:
        """Seconds until a request to this chat is allowed; 0: now. `urgent`: a person waits."""
        now = self.clock()
        windows = [self._all, *self._windows(chat_id)]
        return max(self.held(chat_id), *(one.wait(now, urgent=urgent) for one in windows))

    def held(self, chat_id: int) -> float:
        """Seconds of what Telegram said to wait that are left; 0: nothing."""
        until = max(self._held.get(chat_id, 0.0), self._held.get(None, 0.0))
        return max(until - self.clock(), 0.0)

    def spend(self, chat_id: int) -> None:
        now = self.clock()
        for window in [self._all, *self._windows(chat_id)]:
            window.times.append(now)

    def hold(self, seconds: float, chat_id: int | None = None) -> None:
        """Telegram said to wait: this chat, or all of them."""
        until = self.clock() + seconds
        self._held[chat_id] = max(until, self._held.get(chat_id, 0.0))

    def refused(self, seconds: float, chat_id: int) -> None:
        """Obey a 429. Several chats refused in a row mean that it is not about one chat."""
        now = self.clock()
        self.hold(seconds, chat_id)
        self._refused[chat_id] = now
        if sum(now - at <= IN_A_ROW for at in self._refused.values()) > 1:
            self.hold(seconds)

    def answered(self) -> None:
        """Telegram took a request."""
        self._refused.clear()

    def _windows(self, chat_id: int) -> list[_Window]:
        if chat_id not in self._chats:
            windows = [_Window(self._chat_burst, CHAT_SECONDS, CHAT_SPARE)]
            if chat_id < 0:
                windows.append(_Window(self._group_per_minute, MINUTE, GROUP_SPARE))
            self._chats[chat_id] = windows
        return self._chats[chat_id]
