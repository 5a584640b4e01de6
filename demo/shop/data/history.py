"""Past runs of the scheduler's jobs."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random
from typing import TypeAlias

from demo.shop.clock import moment_of, stamp
from demo.shop.schedule import NIGHTLY, due_times

RECENT = timedelta(hours=26)  # what a look at the last 24 hours needs, and some
Run: TypeAlias = tuple[str, str, str, str, float, str]
_USUAL_SECONDS = {"collect_yesterday_data": 2.4, "recalc_recent_metrics": 1.1}
_INSERT = (
    "INSERT INTO job_runs (job_name, started_at, finished_at, status, duration_seconds, metadata)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


def write_runs(
    connection: sqlite3.Connection, jobs: Mapping[str, str], *, since: datetime, now: datetime
) -> None:
    """Write a run for each due time up to `now`: nightly ones first, then as `jobs` says."""
    edge = max(since, now - RECENT)
    runs = [*_runs(NIGHTLY, since, edge), *_runs(jobs, edge, now)]
    connection.executemany(_INSERT, sorted(runs, key=itemgetter(1)))


def fill_gap(connection: sqlite3.Connection, jobs: Mapping[str, str], *, now: datetime) -> None:
    """Write the runs that a stopped demo has missed, so that a pause is not an incident."""
    start = now - RECENT
    found = connection.execute("SELECT MAX(started_at) FROM job_runs").fetchone()[0]
    last = moment_of(found) if found else start
    runs = _runs(jobs, max(start, min(last, now)), now)
    connection.executemany(_INSERT, sorted(runs, key=itemgetter(1)))
    # The last run before the pause may have been cut off.
    connection.execute("DELETE FROM job_runs WHERE status = 'running'")


def _runs(jobs: Mapping[str, str], after: datetime, until: datetime) -> Iterator[Run]:
    for name, expression in jobs.items():
        for due in due_times(expression, after, until):
            yield _run(name, due, until)


def _run(name: str, due: datetime, until: datetime) -> Run:
    rng = Random(f"run:{name}:{due.timestamp():.0f}")
    start = due + timedelta(seconds=rng.uniform(0.05, 0.4))
    seconds = round(_USUAL_SECONDS[name] * rng.uniform(0.8, 1.2), 3)
    seconds = max(0.0, min(seconds, (until - start).total_seconds()))
    details = {"requests": {"wb": {"200": 3}, "ozon": {"200": 2}}}
    text = json.dumps(details if name == "collect_yesterday_data" else {})
    end = start + timedelta(seconds=seconds)
    return name, stamp(start), stamp(end), "success", seconds, text
