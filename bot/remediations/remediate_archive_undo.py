"""Take an archive back: its rows return into the table; the file stays.

Changes   inserts what is missing; nothing that is there is written over.
Refuses   where the file is damaged or gone, or the disk has no room.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role, phrase
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _archive


def remediation() -> Remediation:
    return Remediation(
        name="remediate_archive_undo",
        label="Undo archive",
        target=_archive.LOCK,
        role=Role.ADMIN,
        guard=Guard.NONE,
        direct=False,
        preflight=preflight,
        act=act,
        verify=_archive.counted,
        cancellable=True,
        disruptive=True,
        cooldown=timedelta(0),
        timeout=timedelta(hours=1),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    if job.origin is None:
        return Refused(phrase("nothing_to_undo"))
    return await _archive.look_at_file(tools, str(job.origin.before["file"]))


async def act(tools: ActionTools, job: Job) -> Facts:
    return await tools.archive.restore(str(job.before["file"]), job)
