"""Restart the assistant itself: handed over to systemd, and confirmed after the start.

Changes   nobody watches for some seconds; what runs is asked to stop first.
Refuses   where it does not run as the unit that `SERVICE_SELF` names.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role, phrase
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools, Service
from bot.remediations._restart import facts

PATIENCE = 30.0  # seconds until the signal that ends us must have come


def remediation() -> Remediation:
    return Remediation(
        name="remediate_restart_assistant",
        label="Restart assistant",
        target="service:self",
        role=Role.ADMIN,
        preflight=preflight,
        act=act,
        verify=verify,
        hands_over=True,
        timeout=timedelta(minutes=1),
    )


async def preflight(tools: ActionTools, _job: Job) -> Facts | Refused:
    state = await tools.services.state(Service.SELF)
    if state is None:
        return Refused(phrase("restart_no_manager"))
    if not state.running or state.run_id != tools.control.own_run_id:
        return Refused(phrase("restart_not_us", unit=state.unit))
    return facts(state)


async def act(tools: ActionTools, job: Job) -> Facts:
    """Ask for the restart, and wait for the end that it brings."""
    await tools.control.hand_over(Service.SELF)
    with suppress(TimeoutError):
        await asyncio.wait_for(job.stop.wait(), PATIENCE)
    return {}


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    state = await tools.services.state(Service.SELF)
    if state is None or state.run_id == job.before["run_id"]:
        raise ActionFailed(phrase("still_here"))
    return facts(state)
