"""Restart the job scheduler's unit.

Changes   a job that is running now is ended, and does not go on by itself.
Refuses   while a job runs that the question did not name, and where there is no service manager
          or it does not answer.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, phrase
from bot.core.runbook import Refused, Remediation
from bot.core.tools import ActionTools, Service
from bot.remediations._jobs import running_jobs
from bot.remediations._restart import Restart

AUTOMATIC_PAUSE = timedelta(minutes=30)  # a scheduler that dies again needs a person
STILL_RUNNING = timedelta(hours=1)  # an older "running" row is a job that died without a word
RESTART = Restart(service=Service.SCHEDULER)


def remediation() -> Remediation:
    return Remediation(
        name="remediate_restart_scheduler",
        label="Restart scheduler",
        target="scheduler",
        preflight=preflight,
        act=RESTART.act,
        verify=RESTART.verify,
        timeout=timedelta(minutes=5),  # supervisor may take its time twice: stop, then start
        automatic_pause=AUTOMATIC_PAUSE,
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    seen = await RESTART.preflight(tools, job)
    if isinstance(seen, Refused):
        return seen
    jobs = await running_jobs(tools.shop, job.moment.now, STILL_RUNNING)
    if surprise := _unasked(job, jobs or []):
        return Refused(phrase("restart_job_runs", jobs=surprise))
    return {**seen, "jobs": jobs}


def _unasked(job: Job, running: Sequence[str]) -> list[str]:
    """Jobs that nobody has agreed to end: none, as long as the question is still to be put."""
    asked = job.before.get("jobs")
    if not job.before and job.who is not None:
        return []
    named = asked if isinstance(asked, list) else []
    return [one for one in running if one not in named]
