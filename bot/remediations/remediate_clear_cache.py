"""Drop the web API's caches through its admin endpoint.

Changes   the next requests are answered from the database, and are slower for a moment.
"""

from datetime import timedelta

from bot.core.model import Alert, Facts, Moment
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


async def preflight(_tools: ActionTools, _moment: Moment) -> Facts:
    return {}


async def act(tools: ActionTools, _moment: Moment, _alert: Alert | None, _key: str) -> Facts:
    return await tools.web_admin.clear_cache()
