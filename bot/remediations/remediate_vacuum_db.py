"""Give the free pages of the shop's database back to the disk.

Changes   rewrites the whole file; writers wait meanwhile, in rollback mode readers too.
Refuses   when there is little to gain, too little disk, or somebody is writing; and while a job
          of the scheduler runs, or is due before the end: it would fail on the lock.
"""

from datetime import timedelta

from bot.core.job import Job
from bot.core.model import Facts, Phrase, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _jobs
from bot.remediations._timings import timings

# Below both, the lock costs more than the space is worth. A large file may gain a lot by a
# small share, and a small file (a demo's) is rewritten in a moment when the share is large.
LEAST_SHARE = 0.10
LEAST_BYTES = 100_000_000


def remediation() -> Remediation:
    return Remediation(
        name="remediate_vacuum_db",
        label="Run VACUUM",
        target="shop database",
        preflight=preflight,
        act=act,
        verify=verify,
        probe=probe,
        cancellable=True,
        disruptive=True,
        timeout=timedelta(minutes=30),
    )


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    try:
        needs = await tools.maintenance.vacuum_needs()
    except (ActionFailed, Unreadable) as error:
        return Refused(error.why)
    if why := judge(needs):
        return Refused(why)
    found = await _jobs.gone_round(tools, needs, job.moment.now)
    if isinstance(found, Refused):
        return found
    return {**found, "timings": await timings(tools, job)}


async def act(tools: ActionTools, job: Job) -> Facts:
    return await tools.maintenance.vacuum(job.stop)


async def verify(tools: ActionTools, job: Job, _after: Facts) -> Facts:
    """The file can be read, and how fast it is now."""
    return {"timings": await timings(tools, job)}


async def probe(tools: ActionTools, job: Job) -> Facts:
    """What is on the disk after a crash, and what there was before."""
    was = {"was_bytes": job.before["total_bytes"], "was_free_bytes": job.before["frees_bytes"]}
    return {**await tools.maintenance.probe(), **was}


def judge(needs: Facts) -> Phrase | None:
    """Say why VACUUM should not run now, or nothing."""
    total, frees = _number(needs, "total_bytes"), _number(needs, "frees_bytes")
    if frees < LEAST_BYTES and frees < total * LEAST_SHARE:
        return phrase("vacuum_little_to_gain", frees_bytes=frees, total_bytes=total)
    if needs["busy"]:
        return phrase("vacuum_busy", writers=needs["writers"])
    return _no_room(needs)


def _no_room(needs: Facts) -> Phrase | None:
    """`disk_free_bytes` is unknown where the disk is a server's; nothing is needed there."""
    if needs["disk_free_bytes"] is not None:
        wants, free = _number(needs, "needs_disk_bytes"), _number(needs, "disk_free_bytes")
        if free < wants:
            return phrase("vacuum_no_room_beside", needs_bytes=wants, free_bytes=free)
    if "temporary_folder" in needs:
        wants = _number(needs, "needs_temporary_bytes")
        free = _number(needs, "temporary_free_bytes")
        if free < wants:
            folder = needs["temporary_folder"]
            return phrase("vacuum_no_room", needs_bytes=wants, free_bytes=free, folder=folder)
    return None


def _number(facts: Facts, name: str) -> float:
    value = facts[name]
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is not a number: {value!r}")
    return value
