"""Send the alert to the admin chat and to every admin.

Changes   nothing but what people know; one notice a run, however often it is tried.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, phrase
from bot.core.runbook import ActionFailed, Guard, Remediation
from bot.core.tools import ActionTools


def remediation() -> Remediation:
    return Remediation(
        name="remediate_notify_admin",
        label="Notify admin",
        target="admins",
        preflight=preflight,
        act=act,
        guard=Guard.NONE,
        needs_alert=True,
        timeout=timedelta(minutes=1),
        settle=timedelta(0),
        verified_by_check=False,
    )


async def preflight(_tools: ActionTools, _job: Job) -> Facts:
    return {}


async def act(tools: ActionTools, job: Job) -> Facts:
    if job.alert is None:
        raise ActionFailed(phrase("notify_without_alert"))
    return await tools.notifier.notify_admins(job.alert.id, job.key)
