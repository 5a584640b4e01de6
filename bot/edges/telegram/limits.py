"""Telegram's sending limits, kept before Telegram has to say so (telegram.md §2)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

ALL_PER_SECOND = 25  # of about 30
CHAT_BURST, CHAT_SECONDS = 3, 3.0  # about one a second, with a short burst
GROUP_PER_MINUTE, MINUTE = 18, 60.0  # of about 20


@dataclass(slots=True)
class _Window:
    """At most `count` events in any `seconds`."""

    count: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.times and now - self.times[0] >= self.seconds:
            self.times.popleft()
        if len(self.times) < self.count:
            return 0.0
        return self.times[0] + self.seconds - now


class Pace:
    """How long to wait before the next request to a chat. Times are monotonic seconds."""

    def __init__(
        self, clock: Callable[[], float], *, group_per_minute: int = GROUP_PER_MINUTE
    ) -> None:
        self._clock = clock
        self._group_per_minute = group_per_minute
        self._all = _Window(ALL_PER_SECOND, 1.0)
        self._chats: dict[int, list[_Window]] = {}
        self._held: dict[int | None, float] = {}

    def wait(self, chat_id: int) -> float:
        """Seconds until a request to this chat is allowed; 0: now."""
        now = self._clock()
        held = max(self._held.get(chat_id, 0.0), self._held.get(None, 0.0)) - now
        waits = [window.wait(now) for window in [self._all, *self._windows(chat_id)]]
        return max(held, *waits, 0.0)

    def spend(self, chat_id: int) -> None:
        now = self._clock()
        for window in [self._all, *self._windows(chat_id)]:
            window.times.append(now)

    def hold(self, seconds: float, chat_id: int | None = None) -> None:
        """Telegram said to wait: this chat, or all of them."""
        until = self._clock() + seconds
        self._held[chat_id] = max(until, self._held.get(chat_id, 0.0))

    def _windows(self, chat_id: int) -> list[_Window]:
        if chat_id not in self._chats:
            windows = [_Window(CHAT_BURST, CHAT_SECONDS)]
            if chat_id < 0:
                windows.append(_Window(self._group_per_minute, MINUTE))
            self._chats[chat_id] = windows
        return self._chats[chat_id]
