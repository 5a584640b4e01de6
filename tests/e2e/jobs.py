"""A shop with many nightly jobs: the shortest honest way to many alerts of one check."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.edges.clock import utc_now
from demo.telegram import SHOP_TEAM

NIGHTS = 3


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs in the shop's own `job_runs`, each due once a day, last six hours ago."""

    count: int
    due: datetime

    @classmethod
    def made(cls, count: int) -> "Jobs":
        return cls(count, utc_now().replace(second=0, microsecond=0) - timedelta(hours=6))

    def name(self, number: int) -> str:
        return f"job_{number:04d}"

    @property
    def env(self) -> dict[str, str]:
        """Settings of an assistant that watches these jobs, within Telegram's real limits."""
        cron = f"{self.due.minute} {self.due.hour} * * *"
        schedule = {self.name(number): cron for number in range(self.count)}
        return {
            "ADMIN_CHAT_ID": str(SHOP_TEAM),
            "CHECKS__SCHEDULER_ON_TIME__SCHEDULE": json.dumps(schedule),
            "CHECK_TIMEOUT_SEC": "120",
            "TELEGRAM_GROUP_PER_MINUTE": "20",
            "TELEGRAM_CHAT_BURST": "5",
        }

    def write(self, shop: Path) -> None:
        """Add these jobs to a young shop; all have run well on each night."""
        rows = [
            (self.name(number), _text(start), _text(start + timedelta(minutes=1)))
            for night in reversed(range(NIGHTS))
            for start in [self.due - timedelta(days=night)]
            for number in range(self.count)
        ]
        with closing(sqlite3.connect(shop, timeout=20)) as connection, connection:
            connection.execute(
                "DELETE FROM job_runs WHERE id < (SELECT max(id) - 20 FROM job_runs)"
            )
            connection.executemany(
                "INSERT INTO job_runs (job_name, started_at, finished_at, status,"
                " duration_seconds) VALUES (?, ?, ?, 'success', 60)",
                rows,
            )

    def fail(self, shop: Path, numbers: Iterable[int], *, nights: int = 1) -> None:
        """Let the last runs of these jobs have failed; two in a row are an error."""
        self._turn(shop, numbers, "failed", "out of memory", nights)

    def succeed(self, shop: Path, numbers: Iterable[int]) -> None:
        self._turn(shop, numbers, "success", None, NIGHTS)

    def _turn(
        self, shop: Path, numbers: Iterable[int], status: str, error: str | None, nights: int
    ) -> None:
        since = _text(self.due - timedelta(days=nights - 1))
        rows = [(status, error, self.name(number), since) for number in numbers]
        with closing(sqlite3.connect(shop, timeout=20)) as connection, connection:
            connection.executemany(
                "UPDATE job_runs SET status = ?, error_message = ?"
                " WHERE job_name = ? AND started_at >= ?",
                rows,
            )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
