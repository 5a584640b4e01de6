"""Telegram's real pace, when switched on: 30/s in all, 1/s in a chat, 20/min in a group.

A chat may have a short burst: five messages at once, then one a second.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from demo.telegram.refusals import too_many_requests

OVERALL_PER_SECOND = 30
GROUP_PER_MINUTE = 20
CHAT_BURST = 5


@dataclass(slots=True)
class Limits:
    on: bool = False
    refused: int = 0
    overall: deque[float] = field(default_factory=deque)
    groups: dict[int, deque[float]] = field(default_factory=dict)
    chats: dict[int, tuple[float, float]] = field(default_factory=dict)  # (tokens, at)

    def switch(self, *, on: bool) -> None:
        self.on = on
        self.overall.clear()
        self.groups.clear()
        self.chats.clear()

    def spend(self, chat_id: int, now: float) -> None:
        """Count one message to a chat, or refuse it with the seconds to wait."""
        if not self.on:
            return
        group = self.groups.setdefault(chat_id, deque()) if chat_id < 0 else deque()
        tokens, at = self.chats.get(chat_id, (float(CHAT_BURST), now))
        tokens = min(float(CHAT_BURST), tokens + now - at)
        wait = max(
            _window(self.overall, OVERALL_PER_SECOND, 1, now),
            _window(group, GROUP_PER_MINUTE, 60, now),
            1 - tokens,
        )
        if wait > 0:
            self.refused += 1
            raise too_many_requests(max(1, math.ceil(wait)))
        self.overall.append(now)
        group.append(now)
        self.chats[chat_id] = (tokens - 1, now)


def _window(times: deque[float], limit: int, seconds: float, now: float) -> float:
    """Return how long to wait until the window has room again."""
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= limit else 0.0
