"""What the tests of the demo shop share."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.shop.schedule import NIGHTLY
from demo.shop.settings import Settings

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
YESTERDAY = date(2026, 3, 9)
ADMIN = "the-admin-token"


class Clock:
    """A clock that tests set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def settings_of(database: Path, jobs: Mapping[str, str] = NIGHTLY) -> Settings:
    return Settings(
        database=database,
        zone=ZoneInfo("Europe/Moscow"),
        admin_token=ADMIN,
        web_port=0,
        jobs=jobs,
        session_lost=database.with_name("wb-session-lost"),
        auto_remediation=True,
        traffic=0,
    )


async def until(true: Callable[[], Awaitable[bool]], patience: float = 10.0) -> None:
    """Wait for a condition; fails the test when it does not come."""
    end = time.monotonic() + patience
    while not await true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.02)
