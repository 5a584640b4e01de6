"""Move old sales out of the shop's database into a file.

Changes   writes a file, compares it with the table, then deletes in small batches what is in it.
          A disk that gets full on the way gets what was deleted put back.
Refuses   where nothing is that old, the disk has no room, or another file has the name.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Role, phrase
from bot.core.runbook import Guard, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _archive


def remediation() -> Remediation:
    return Remediation(
        name="remediate_archive",
        label="Archive",
        target=_archive.LOCK,
        params=[_archive.DAYS],
        command="archive",
        about="Move sales older than N days (180) into a file",
        place=75,
        role=Role.ADMIN,
        guard=Guard.TWO_PEOPLE,
        preflight=preflight,
        act=act,
        verify=verify,
        probe=probe,
        verified_by_check=False,  # the file shrinks only by VACUUM, which is offered
        undo="remediate_archive_undo",
        undo_within=timedelta(days=1),
        cancellable=True,
        resumable=True,
        disruptive=True,
        then={"Run VACUUM": "remediate_vacuum_db"},
        timeout=timedelta(hours=1),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    await tools.shop.require(_archive.NEEDS)
    file, before = _archive.plan(job)
    facts = await tools.archive.outlook(file, before)
    if not facts["rows"] and job.origin is None:
        return Refused(phrase("archive_nothing", before=before))
    needs, free = facts["needs_bytes"], facts["free_bytes"]
    if isinstance(needs, int) and isinstance(free, int) and free < needs:
        folder = facts["folder"]
        return Refused(
            phrase("archive_no_room", needs_bytes=needs, free_bytes=free, folder=folder)
        )
    if no_room := await _archive.beside(tools):
        return no_room
    return {**facts, "file": file, "before": before}


async def probe(tools: ActionTools, job: Job) -> Facts:
    file, before = _archive.plan(job)
    return {**await tools.archive.outlook(file, before), "file": file}


async def act(tools: ActionTools, job: Job) -> Facts:
    file, before = _archive.plan(job)
    written = await tools.archive.export(file, before, job)
    removed = await tools.archive.remove(file, job)
    return {**written, **removed, "file": file}


async def verify(tools: ActionTools, job: Job, after: Facts) -> Facts:
    """The file is still whole, and the table has what was not to go."""
    file, before = _archive.plan(job)
    await tools.archive.look(file)
    outlook = await tools.archive.outlook(file, before)
    return {"left": outlook["rows"], "stay": outlook["stay"], "removed": after["removed"]}
