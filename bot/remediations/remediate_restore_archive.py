"""Put the sales of an archive back into the shop's database.

Changes   inserts what is missing; nothing that is there is written over, and the file stays.
Refuses   where the file is damaged or gone, or the disk has no room.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _archive


def remediation() -> Remediation:
    return Remediation(
        name="remediate_restore_archive",
        label="Restore archive",
        target=_archive.LOCK,
        params=[_archive.FILE],
        command="restore_archive",
        about="Put the sales of an archive back",
        place=76,
        role=Role.ADMIN,
        guard=Guard.TWO_PEOPLE,
        preflight=preflight,
        act=act,
        verify=_archive.counted,
        cancellable=True,
        resumable=True,
        disruptive=True,
        timeout=timedelta(hours=1),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    return await _archive.look_at_file(tools, job.word("file"))


async def act(tools: ActionTools, job: Job) -> Facts:
    return await tools.archive.restore(job.word("file"), job)
