"""Counts the scheduler's runs, which happen in another process, for `/metrics`."""

import asyncio
import json
import logging

from demo.shop.clock import stamp
from demo.shop.web.context import DATABASE_ERRORS, Context

EVERY = 2.0  # seconds
_log = logging.getLogger("sovani.web")
_FINISHED = """
SELECT job_name, status, duration_seconds, metadata, finished_at FROM job_runs
WHERE finished_at > :after ORDER BY finished_at
"""


async def follow(context: Context) -> None:
    """Count each run that finishes from now on; a locked or broken file only delays it."""
    after = stamp(context.clock())
    while True:
        await asyncio.sleep(EVERY)
        try:
            after = await count_since(context, after)
        except DATABASE_ERRORS as error:
            context.metrics.errors.labels(type(error).__name__, "jobs").inc()
            _log.warning("the journal of runs is out of reach: %s", error)


async def count_since(context: Context, after: str) -> str:
    """Count the runs that finished after a time; returns the time to go on from."""
    for run in await context.rows(_FINISHED, after=after):
        after = str(run["finished_at"])
        _count(context, run)
    return after


def _count(context: Context, run: dict[str, object]) -> None:
    job = str(run["job_name"])
    context.metrics.jobs.labels(job, str(run["status"])).inc()
    context.metrics.job_duration.labels(job).observe(float(str(run["duration_seconds"] or 0)))
    details = json.loads(str(run["metadata"] or "{}"))
    for service, answers in details.get("requests", {}).items():
        for status, count in answers.items():
            context.metrics.external.labels(service, "sales", status).inc(count)
