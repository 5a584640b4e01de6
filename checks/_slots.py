"""A job's schedule laid over its runs: what was due, and what became of it. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cronsim import CronSim

from checks._runs import Outcome, Run

EARLY: Final = timedelta(minutes=1)  # at most: the clocks of two hosts differ a little
MOST: Final = 1500  # due times looked back at: a day of a job that runs every minute


class Slot(StrEnum):
    """What became of one due time."""

    ON_TIME = "on time"
    LATE = "late"
    RUNNING = "running"
    FAILED = "failed"
    MISSED = "missed"

    @property
    def is_bad(self) -> bool:
        return self in {Slot.FAILED, Slot.MISSED}


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    slot: Slot


def due_times(cron: str, since: datetime, now: datetime) -> list[datetime]:
    """Oldest first, from `since` to `now`, both included."""
    times: list[datetime] = []
    # The reverse iterator starts strictly before its argument.
    for time in CronSim(cron, now + timedelta(minutes=1), reverse=True):
        if time < since or len(times) == MOST:
            break
        if time <= now:
            times.append(time)
    return times[::-1]


def history(
    cron: str, runs: Sequence[Run], since: datetime, now: datetime, grace: timedelta
) -> list[Due]:
    """Each due time with its outcome; one within its grace and without a run is left out.

    `runs` come oldest first.
    """
    times = due_times(cron, since, now)
    ends = [*times, now + timedelta(days=1)][1:]
    early = min([EARLY, *((later - before) / 10 for before, later in pairwise(times))])
    starts = [run.started for run in runs]
    dues = []
    for start, end in zip(times, ends, strict=True):
        mine = runs[bisect_left(starts, start - early) : bisect_left(starts, end - early)]
        if mine or now - start > grace:
            dues.append(Due(start, _outcome(start, mine, grace)))
    return dues


def _outcome(due: datetime, runs: Sequence[Run], grace: timedelta) -> Slot:
    """Judge a due time by its best run: one that came late makes good for one that failed."""
    if not runs:
        return Slot.MISSED
    succeeded = [run for run in runs if run.outcome is Outcome.SUCCESS]
    if succeeded:
        return Slot.ON_TIME if succeeded[0].started - due <= grace else Slot.LATE
    return Slot.RUNNING if runs[-1].outcome is Outcome.RUNNING else Slot.FAILED


def bad_in_a_row(dues: Sequence[Due]) -> int:
    """Newest due times that came to nothing; one that is running now breaks no row."""
    slots = [due.slot for due in reversed(dues) if due.slot is not Slot.RUNNING]
    return next((i for i, slot in enumerate(slots) if not slot.is_bad), len(slots))
