"""When jobs are due: cron expressions in UTC."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError

NIGHTLY: Mapping[str, str] = {
    "collect_yesterday_data": "0 2 * * *",
    "recalc_recent_metrics": "0 3 * * *",
}


class BadSchedule(ValueError):  # noqa: N818  # says what it is
    """`DEMO_JOBS` cannot be used; the message says why."""


def parse_schedule(text: str | None) -> Mapping[str, str]:
    """Read `DEMO_JOBS`: a JSON object of job name to cron expression; none means nightly."""
    if not text:
        return NIGHTLY
    try:
        jobs = dict(json.loads(text))
        for expression in jobs.values():
            CronSim(expression, datetime(2025, 1, 1))  # noqa: DTZ001  # only to parse it
    except (ValueError, TypeError, CronSimError) as error:
        raise BadSchedule(f"DEMO_JOBS={text!r}: {error}") from error
    if unknown := jobs.keys() - NIGHTLY.keys():
        raise BadSchedule(f"DEMO_JOBS: no such job: {', '.join(sorted(unknown))}")
    return jobs


def next_due(expression: str, after: datetime) -> datetime:
    return next(CronSim(expression, after))


def last_due(expression: str, now: datetime) -> datetime:
    """Return the latest due time up to and including `now`."""
    return next(CronSim(expression, now + timedelta(seconds=1), reverse=True))


def due_times(expression: str, after: datetime, until: datetime) -> list[datetime]:
    """Due times in (after, until]."""
    times: list[datetime] = []
    for moment in CronSim(expression, after):
        if moment > until:
            break
        times.append(moment)
    return times
