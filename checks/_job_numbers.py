"""What `/jobs` shows of one job: its last runs, how long they take, what fails, what is next."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from statistics import median
from typing import Final

from cronsim import CronSim

from bot.core.model import Json
from checks._runs import Outcome, Run

MOST: Final = 200  # runs, the newest; a file and a chart hold no more


def numbers(job: str, cron: str, runs: Sequence[Run], now: datetime, limit_sec: float) -> Json:
    """`limit_sec` is the length that is too long; `runs` are oldest first."""
    ended = [run for run in runs if run.outcome is not Outcome.RUNNING]
    lengths = [run.seconds for run in ended if run.seconds is not None]
    good = [one.seconds for one in ended if _succeeded(one) and one.seconds is not None]
    last = runs[-1] if runs else None
    running = last if last and last.outcome is Outcome.RUNNING else None
    running_sec = (now - running.started).total_seconds() if running else None
    return {
        "job": job,
        "cron": cron,
        "next_due": next_due(cron, now),
        "count": len(ended),
        "failed": sum(1 for one in ended if not _succeeded(one)),
        "median_sec": round(median(good), 1) if good else None,
        "max_sec": max(lengths, default=None),
        "limit_sec": limit_sec,
        "since": runs[0].started.isoformat() if runs else None,
        "running_sec": running_sec,
        "overrunning": running_sec is not None and running_sec > limit_sec,
        "runs": [_run(one, now, limit_sec) for one in runs[-MOST:]],
    }


def next_due(cron: str, now: datetime) -> str | None:
    """The iterator of a schedule that never comes again ends."""
    found = next(islice(CronSim(cron, now), 1), None)
    return None if found is None else found.isoformat()


def _run(run: Run, now: datetime, limit_sec: float) -> dict[str, Json]:
    seconds = run.seconds
    if run.outcome is Outcome.RUNNING:
        seconds = round((now - run.started).total_seconds(), 1)
    return {
        "started": run.started.isoformat(),
        "status": run.outcome.value,
        "seconds": seconds,
        "long": seconds is not None and seconds > limit_sec,
        "error": run.error,
    }


def _succeeded(run: Run) -> bool:
    return run.outcome is Outcome.SUCCESS
