"""Let SoVAni collect the sales of one day.

Changes   adds the day's sales, by SoVAni's own collector.
Refuses   while a job of the scheduler is under way, or for days that are not over.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, phrase
from bot.core.params import Param
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _jobs

OLDEST = timedelta(days=90)


def remediation() -> Remediation:
    return Remediation(
        name="remediate_collect",
        label="Collect",
        button="Collect yesterday",
        target=_jobs.LOCK,
        params=[Param(name="date", day=True, default="yesterday")],
        command="collect",
        about="Collect the sales of one day (yesterday, or a date)",
        place=70,
        preflight=preflight,
        act=act,
        verify=verify,
        timeout=timedelta(minutes=55),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    day = job.day("date")
    if not job.moment.today - OLDEST <= day <= job.moment.yesterday:
        return Refused(phrase("collect_day", date=day.isoformat(), days=OLDEST.days))
    if refused := await _jobs.refusal(tools, "collect", job.moment.now):
        return refused
    return {"rows": await _jobs.rows_by_marketplace(tools.shop, day)}


async def act(tools: ActionTools, job: Job) -> Facts:
    await job.progress({"phase": "job_works"})
    return await tools.jobs.run("collect", {"date": job.word("date")}, job.key)


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    """Every marketplace that sold lately has sales on that day."""
    rows = await _jobs.rows_by_marketplace(tools.shop, job.day("date"))
    empty = [name for name, count in rows.items() if not count]
    if empty or not rows:
        raise ActionFailed(
            phrase("collect_still_empty", date=job.word("date"), names=", ".join(empty))
        )
    return {"rows": rows}
