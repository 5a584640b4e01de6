"""Which of the shop's jobs the assistant starts itself when the scheduler missed them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.job import Arg

JOB: Final = re.compile(r"[\w.:-]{1,64}")
COLLECT, RECALC = "collect", "recalc"
ACTIONS: Final = {COLLECT: "remediate_collect", RECALC: "remediate_recalc"}
DAYS: Final = 7
MOST_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Missed:
    """What is done for a job: "collect" the day it would have, or "recalc" the last `days`."""

    job: str
    does: str
    days: int = DAYS

    def __str__(self) -> str:
        return f"{self.job}={self.does}" + (f":{self.days}" if self.does == RECALC else "")

    @property
    def action(self) -> str:
        return ACTIONS[self.does]

    def arguments(self, due: datetime, zone: ZoneInfo) -> Mapping[str, Arg]:
        """What the job would have worked on; one day is the one before its due time."""
        if self.does == RECALC:
            return {"days": self.days}
        day = due.astimezone(zone).date() - timedelta(days=1)
        return {"date": day.isoformat()}


def parse(text: str) -> tuple[Missed, ...]:
    """Read `collect_sales=collect, metrics=recalc:7`; raise `ValueError` with what is wrong."""
    found = tuple(_missed(part) for part in text.split(",") if part.strip())
    jobs = [one.job for one in found]
    if twice := {job for job in jobs if jobs.count(job) > 1}:
        raise ValueError(f"{min(twice)} is there twice")
    return found


def _missed(part: str) -> Missed:
    job, _, rest = (word.strip() for word in part.partition("="))
    does, colon, days = (word.strip() for word in rest.partition(":"))
    if not JOB.fullmatch(job) or does not in ACTIONS or (colon and does != RECALC):
        raise ValueError(f"{part.strip()[:40]!r} is neither job=collect nor job=recalc:days")
    if not colon:
        return Missed(job, does)
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_DAYS):
        raise ValueError(f"{job}: {days[:20]!r} is not 1 to {MOST_DAYS} days")
    return Missed(job, does, int(days))
