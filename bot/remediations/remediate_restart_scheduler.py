"""Restart the job scheduler's unit.

Changes   a job that is running now is ended, and does not go on by itself.
Refuses   where there is no service manager, or it does not answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.job import Job
from bot.core.model import Facts, Json, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools, Service, ServiceState, ShopDatabase

AUTOMATIC_PAUSE = timedelta(minutes=30)  # a scheduler that dies again needs a person
STILL_RUNNING = timedelta(hours=1)  # an older "running" row is a job that died without a word


def remediation() -> Remediation:
    return Remediation(
        name="remediate_restart_scheduler",
        label="Restart scheduler",
        target="scheduler",
        preflight=preflight,
        act=act,
        timeout=timedelta(minutes=5),  # supervisor may take its time twice: stop, then start
        automatic_pause=AUTOMATIC_PAUSE,
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    try:
        state = await tools.services.state(Service.SCHEDULER)
    except Unreadable as error:
        return Refused(error.why)
    if state is None:
        return Refused(phrase("restart_no_manager"))
    return {**_facts(state), "jobs": await _running_jobs(tools.shop, job.moment.now)}


async def act(tools: ActionTools, _job: Job) -> Facts:
    state = await tools.control.restart(Service.SCHEDULER)
    if not state.running:
        raise ActionFailed(phrase("restart_not_running", unit=state.unit, detail=state.detail))
    return _facts(state)


def _facts(state: ServiceState) -> Facts:
    return {"unit": state.unit, "running": state.running, "detail": state.detail}


async def _running_jobs(shop: ShopDatabase, now: datetime) -> Sequence[Json] | None:
    """Name the jobs that a restart would end; None where nobody can tell."""
    since = (now - STILL_RUNNING).strftime("%Y-%m-%d %H:%M:%S")
    try:
        rows = await shop.rows("remediations/running_jobs.sql.j2", since=since)
    except Unreadable:
        return None
    return [row["job_name"] for row in rows]
