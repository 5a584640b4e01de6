"""The time and the chats of most tests: without pytest, for the processes that tests start."""

from datetime import UTC, datetime, timedelta

from bot.settings_types import ChatRef

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADMINS = ChatRef(-1001)
TEAM = ChatRef(-1002)


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)
