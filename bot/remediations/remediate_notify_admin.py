"""Send the alert to the admin chat and to every admin.

Changes   nothing but what people know; one notice a run, however often it is tried.
"""

from datetime import timedelta

from bot.core.model import Alert, Facts, Moment, phrase
from bot.core.runbook import ActionFailed, Remediation
from bot.core.tools import ActionTools


def remediation() -> Remediation:
    return Remediation(
        name="remediate_notify_admin",
        label="Notify admin",
        target="admins",
        preflight=preflight,
        act=act,
        confirm=False,
        timeout=timedelta(minutes=1),
        settle=timedelta(0),
        verified_by_check=False,
    )


async def preflight(_tools: ActionTools, _moment: Moment) -> Facts:
    return {}


async def act(tools: ActionTools, _moment: Moment, alert: Alert | None, key: str) -> Facts:
    if alert is None:
        raise ActionFailed(phrase("notify_without_alert"))
    return await tools.notifier.notify_admins(alert.id, key)
