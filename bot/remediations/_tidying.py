"""What REINDEX, ANALYZE and the checkpoint share: the same lock as VACUUM, and timings around."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.core.job import Job
from bot.core.model import Facts, Unreadable, phrase
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools
from bot.remediations import _jobs
from bot.remediations._timings import timings

Work = Literal["reindex", "analyze", "checkpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidying:
    """One kind of work. `timed`: three questions are timed before and after.

    `goes_round`: it locks the database for long, so it waits for the scheduler's jobs.
    """

    work: Work
    timed: bool = True
    goes_round: bool = False

    async def preflight(self, tools: ActionTools, job: Job) -> Facts | Refused:
        try:
            needs = await tools.maintenance.vacuum_needs()
        except (ActionFailed, Unreadable) as error:
            return Refused(error.why)
        if needs["busy"]:
            return Refused(phrase("vacuum_busy", writers=needs["writers"]))
        if self.goes_round:
            found = await _jobs.gone_round(tools, needs, job.moment.now)
            if isinstance(found, Refused):
                return found
            needs = found
        asked = await timings(tools, job) if self.timed else {}
        seen = {name: needs[name] for name in ("total_bytes", "jobs_seen") if name in needs}
        return {**seen, "timings": asked}

    async def act(self, tools: ActionTools, job: Job) -> Facts:
        return await tools.maintenance.tidy(self.work, job.stop)

    async def verify(self, tools: ActionTools, job: Job, _after: Facts) -> Facts:
        """The file can be read, and how fast it is now."""
        return {"timings": await timings(tools, job) if self.timed else {}}


def remediation(work: Work, label: str, about: str, place: int, *, timed: bool) -> Remediation:
    tidying = Tidying(work=work, timed=timed, goes_round=work == "reindex")
    return Remediation(
        name=f"remediate_{work}",
        label=label,
        target="shop database",
        command=work,
        about=about,
        place=place,
        preflight=tidying.preflight,
        act=tidying.act,
        verify=tidying.verify,
        cancellable=True,
        timeout=timedelta(minutes=30),
    )
