"""Restart the unit of SoVAni's own bot (not of this assistant).

Changes   its users get no answer for a few seconds.
Refuses   where there is no service manager, or it does not answer.
"""

from datetime import timedelta

from bot.core.runbook import Remediation
from bot.core.tools import Service
from bot.remediations._restart import Restart


def remediation() -> Remediation:
    restart = Restart(service=Service.BOT)
    return Remediation(
        name="remediate_restart_bot",
        label="Restart bot",
        target="service:bot",
        preflight=restart.preflight,
        act=restart.act,
        verify=restart.verify,
        verified_by_check=False,  # no check looks at it
        timeout=timedelta(minutes=5),
    )
