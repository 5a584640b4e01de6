"""Restart the web API's unit.

Changes   requests that are under way are broken off; it answers again after a few seconds.
Refuses   where there is no service manager, or it does not answer.
"""

from datetime import timedelta

from bot.core.runbook import Remediation
from bot.core.tools import Service
from bot.remediations._restart import Restart


def remediation() -> Remediation:
    restart = Restart(service=Service.WEB, answers=True)
    return Remediation(
        name="remediate_restart_web",
        label="Restart web API",
        target="service:web",
        preflight=restart.preflight,
        act=restart.act,
        verify=restart.verify,
        timeout=timedelta(minutes=5),  # supervisor may take its time twice: stop, then start
    )
