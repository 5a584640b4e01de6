"""Rows of `job_runs` as values: what the scheduler's and the ingest check both read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.model import Row
from bot.core.tools import Tools
from checks._values import moment, number

NEEDS: Final = {
    "job_runs": [
        "id",
        "job_name",
        "started_at",
        "finished_at",
        "status",
        "duration_seconds",
        "error_message",
    ]
}
LOOKED_BACK: Final = timedelta(days=35)
MOST: Final = 1500


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILED = "failed"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    started: datetime
    outcome: Outcome
    seconds: float | None = None
    error: str | None = None


async def last_runs(tools: Tools, job: str, now: datetime) -> list[Run]:
    """Read the runs of a job in the last weeks, oldest first; else the one that was its last.

    Rows without a readable start are left out. However long the history, at most 1500 runs
    come back (a day of a job of every minute), and 50 000 rows are looked at.
    """
    since = (now - LOOKED_BACK).strftime("%Y-%m-%d %H:%M:%S")
    recent = await _rows(tools, job, since, limit=MOST)
    return parse(recent or await _rows(tools, job, "1970-01-01 00:00:00", limit=1))


async def runs_since(tools: Tools, job: str, since: datetime) -> list[Run]:
    """Read the newest 1500 runs since then, oldest first."""
    return parse(await _rows(tools, job, since.strftime("%Y-%m-%d %H:%M:%S"), limit=MOST))


async def _rows(tools: Tools, job: str, since: str, limit: int) -> Sequence[Row]:
    return await tools.shop.rows(
        "scheduler_on_time/runs.sql.j2", job=job, since=since, limit=limit
    )


def parse(rows: Sequence[Row]) -> list[Run]:
    """Rows newest first, as the query gives them."""
    runs = [run for row in reversed(rows) if (run := _run(row)) is not None]
    return sorted(runs, key=lambda run: run.started)


def failed_in_a_row(runs: Sequence[Run]) -> int:
    """How many of the newest finished runs failed without a success after them."""
    finished = [run.outcome for run in runs if run.outcome is not Outcome.RUNNING]
    trailing = 0
    while trailing < len(finished) and finished[-1 - trailing] is Outcome.FAILED:
        trailing += 1
    return trailing


def _run(row: Row) -> Run | None:
    started = moment(row["started_at"])
    if started is None:
        return None
    finished = moment(row["finished_at"])
    seconds = number(row["duration_seconds"])
    if seconds is None and finished is not None:
        seconds = (finished - started).total_seconds()
    return Run(
        started=started,
        outcome=_outcome(str(row["status"]), finished),
        seconds=seconds,
        error=None if row["error_message"] is None else str(row["error_message"])[:200],
    )


def _outcome(status: str, finished: datetime | None) -> Outcome:
    """Take a status that nobody knows for a failure."""
    try:
        outcome = Outcome(status.strip().lower())
    except ValueError:
        return Outcome.FAILED
    # "running" with an end: the process died between two writes; it did not succeed.
    died = outcome is Outcome.RUNNING and finished is not None
    return Outcome.FAILED if died else outcome
