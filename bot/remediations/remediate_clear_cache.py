"""Drop the web API's caches through its admin endpoint.

Changes   the next requests are answered from the database, and are slower for a moment.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts
from bot.core.runbook import Remediation
from bot.core.tools import ActionTools


def remediation() -> Remediation:
    return Remediation(
        name="remediate_clear_cache",
        label="Clear cache",
        target="web API",
        preflight=preflight,
        act=act,
        timeout=timedelta(minutes=1),
        settle=timedelta(seconds=60),
    )


async def preflight(_tools: ActionTools, _job: Job) -> Facts:
    return {}


async def act(tools: ActionTools, _job: Job) -> Facts:
    return await tools.web_admin.clear_cache()
