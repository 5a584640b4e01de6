"""The cron lines of the shop's jobs, as due times."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cronsim import CronSim

from bot.core.tools.calendar import Due

MOST: Final = 1500  # of one job: a day of one that runs every minute


class CronCalendar:
    """`lines` by job; their times are UTC. `patience` is that of `JobCalendar`."""

    def __init__(self, lines: Mapping[str, str], *, patience: float = 5.0) -> None:
        self._lines = lines
        self.patience = patience

    def dues(self, since: datetime, until: datetime) -> list[Due]:
        found = [
            Due(job, at) for job, line in self._lines.items() for at in _times(line, since, until)
        ]
        return sorted(found, key=lambda due: due.at)


def _times(line: str, since: datetime, until: datetime) -> list[datetime]:
    times: list[datetime] = []
    for at in CronSim(line, since):
        if at > until or len(times) == MOST:
            break
        times.append(at)
    return times
