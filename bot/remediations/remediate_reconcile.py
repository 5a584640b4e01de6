"""Let SoVAni compare the commissions of a period with the rules again.

Changes   what SoVAni keeps of the comparison, through its web API.
Refuses   periods that are not over, or longer than a quarter.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, phrase
from bot.core.params import Param
from bot.core.runbook import Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _jobs

LONGEST = timedelta(days=92)


def remediation() -> Remediation:
    return Remediation(
        name="remediate_reconcile",
        label="Reconcile",
        target="reconciliation",
        params=[Param(name="from", day=True), Param(name="to", day=True, default="yesterday")],
        command="reconcile",
        about="Compare the commissions of a period with the rules again",
        place=72,
        preflight=preflight,
        act=act,
        verify=verify,
        timeout=timedelta(minutes=20),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    first, last = job.day("from"), job.day("to")
    if first > last or last > job.moment.today or last - first > LONGEST:
        return Refused(phrase("reconcile_period", days=LONGEST.days))
    return await outliers(tools, job)


async def act(tools: ActionTools, job: Job) -> Facts:
    await job.progress({"phase": "job_works"})
    return await tools.jobs.reconcile(job.word("from"), job.word("to"), job.key)


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    """Look at the view itself: that is what the check and `/outliers` read."""
    return await outliers(tools, job)


async def outliers(tools: ActionTools, job: Job) -> Facts:
    rows = await tools.shop.rows(
        "remediations/reconciled.sql.j2",
        since=job.word("from"),
        until=(job.day("to") + _jobs.ONE_DAY).isoformat(),
    )
    return {"outliers": rows[0]["outliers"], "stake_rub": rows[0]["stake_rub"]}
