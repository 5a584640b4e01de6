"""The promise of the scheduler's check: each job runs when it is due, and succeeds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.slo import Slice
from bot.core.tools import Tools
from checks import _runs
from checks._runs import LOOKED_BACK, Run
from checks._slots import Due, Slot, due_times, history


async def read(
    tools: Tools,
    since: datetime,
    until: datetime,
    _zone: ZoneInfo,
    *,
    schedule: Mapping[str, str],
    grace: timedelta,
) -> list[Slice]:
    """One slice a due time, as the check judges it; of at most the newest 1500 of a job."""
    await tools.shop.require(_runs.NEEDS)
    runs = {job: await _runs.runs_since(tools, job, since - LOOKED_BACK) for job in schedule}
    first = min((one.started for found in runs.values() for one in found), default=None)
    return [
        one
        for job, cron in schedule.items()
        for one in slices(job, cron, runs[job], first, since=since, until=until, grace=grace)
    ]


def slices(  # noqa: PLR0913  # a job, what is known of it and a span
    job: str,
    cron: str,
    runs: Sequence[Run],
    first: datetime | None,
    *,
    since: datetime,
    until: datetime,
    grace: timedelta,
) -> list[Slice]:
    """What was due before the first run that is known, of this job or else of any, is unknown."""
    known = (runs[0].started if runs else first) or until
    known = max(since, known - grace)
    missing = [
        Slice(at=at, subject=job, unknown=1) for at in due_times(cron, since, until) if at < known
    ]
    mine = [run for run in runs if run.started < until]
    dues = history(cron, mine, known, until, grace)
    return missing + [_slice(job, due) for due in dues if due.slot is not Slot.RUNNING]


def _slice(job: str, due: Due) -> Slice:
    on_time = due.slot is Slot.ON_TIME
    return Slice(at=due.at, subject=job, good=on_time, bad=not on_time)
