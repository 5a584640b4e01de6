"""When a job that the assistant started in vain is started again. Pure.

Everything follows from the runs in the tables: their keys count the attempts, so a restart
changes nothing, and an attempt that was made is never made again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.records import ACTIVE, Run, RunState

MINUTES: Final = 10.0  # before the second attempt; twice as many each time
SPREAD: Final = 0.25  # of a pause, at most: assistants of many shops would come together
HELPED: Final = (RunState.SUCCEEDED,)
LEFT_TO_PEOPLE: Final = (RunState.CANCELLED, RunState.INTERRUPTED, RunState.EXPIRED)
STOPPED: Final = "job_unit_stopped"  # by somebody, as if the run itself had been
HOPELESS: Final = (  # what no time mends
    "job_not_set",
    "collect_day",
    "job_no_units",
    "job_token_missing",
    "job_unit_not_oneshot",
    "job_unit_stays",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`number` counts from 1; `key` is of this attempt for ever."""

    key: str
    number: int
    at: datetime


def made(key: str, by_key: Callable[[str], Run | None]) -> list[Run]:
    """The attempts of this decision so far, the first one first."""
    found: list[Run] = []
    while (run := by_key(_key(key, len(found) + 1))) is not None:
        found.append(run)
    return found


def following(
    key: str, runs: Sequence[Run], *, retries: int, now: datetime, not_before: datetime | None
) -> Attempt | None:
    """The next attempt after those; None: there is none, or one is under way."""
    number = len(runs) + 1
    at = now
    if runs:
        if number > 1 + retries or not _in_vain(runs[-1]):
            return None
        ended = runs[-1].finished_at or runs[-1].asked_at
        if ended <= now:  # or the clock was set back since: how long ago is not known
            at = ended + _pause(_key(key, number), number)
    return Attempt(_key(key, number), number, max(at, not_before or at))


def _in_vain(run: Run) -> bool:
    if run.state in {*ACTIVE, *HELPED, *LEFT_TO_PEOPLE}:
        return False
    if run.why is None:
        return True
    # Of what may have been done all the same, people decide: twice would be worse than late.
    return run.why.key not in {STOPPED, *HOPELESS} and not run.why.values.get("maybe_done")


def _key(key: str, number: int) -> str:
    return key if number == 1 else f"{key}:{number}"


def _pause(key: str, number: int) -> timedelta:
    """10, 20, 40 minutes … and a part of it that follows from the key: the same after a crash."""
    chance = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return timedelta(minutes=MINUTES * float(2 ** (number - 2)) * (1 + SPREAD * chance))
