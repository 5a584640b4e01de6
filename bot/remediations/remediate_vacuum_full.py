"""Give the dead space of a PostgreSQL database back to the disk.

Changes   writes each table anew, one after another; nobody reads or writes that table meanwhile.
Refuses   on SQLite, whose VACUUM does the same, and where the disk has no room for the copy.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role, phrase
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.tools import ActionTools


def remediation() -> Remediation:
    return Remediation(
        name="remediate_vacuum_full",
        label="VACUUM FULL",
        target="shop database",
        command="vacuum_full",
        about="Write PostgreSQL's tables anew; locks each",
        place=77,
        role=Role.ADMIN,
        guard=Guard.TWO_PEOPLE,
        preflight=preflight,
        act=act,
        cancellable=True,
        disruptive=True,
        timeout=timedelta(hours=1),
    )


async def preflight(tools: ActionTools, _job: Job) -> Facts | Refused:
    needs = await tools.maintenance.full_needs()
    wants, free = needs["largest_bytes"], needs["disk_free_bytes"]
    if isinstance(wants, int) and isinstance(free, int) and free < wants:
        return Refused(
            phrase(
                "vacuum_full_no_room",
                largest=needs["largest"],
                needs_bytes=wants,
                free_bytes=free,
            )
        )
    return needs


async def act(tools: ActionTools, job: Job) -> Facts:
    return await tools.maintenance.full(job)
