"""Let SoVAni recalculate cash flow and profit of the last days.

Changes   the figures of those days, by SoVAni's own job.
Refuses   while a job of the scheduler is under way.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts
from bot.core.params import Param
from bot.core.runbook import Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _jobs


def remediation() -> Remediation:
    return Remediation(
        name="remediate_recalc",
        label="Recalculate",
        target=_jobs.LOCK,
        params=[Param(name="days", default=7, low=1, high=60)],
        command="recalc",
        about="Recalculate the metrics of the last days (7, or as many as you say)",
        place=71,
        preflight=preflight,
        act=act,
        verify=verify,
        timeout=timedelta(minutes=55),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    if refused := await _jobs.refusal(tools, "recalc", job.moment.now):
        return refused
    return await sums(tools, job)


async def act(tools: ActionTools, job: Job) -> Facts:
    await job.progress({"phase": "job_works"})
    return await tools.jobs.run("recalc", {"days": str(job.number("days"))}, job.key)


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    """The figures can be read; what changed is for people to judge."""
    return await sums(tools, job)


async def sums(tools: ActionTools, job: Job) -> Facts:
    first = job.moment.yesterday - timedelta(days=job.number("days") - 1)
    rows = await tools.shop.rows(
        "remediations/recalc_sums.sql.j2",
        since=first.isoformat(),
        until=job.moment.today.isoformat(),
    )
    return {name: rows[0][name] for name in ("net_rub", "profit_rub")}
