"""Stop a job of SoVAni's that is a unit of its own, such as one that does not end.

Changes   the unit is stopped, with all that it started; the job does not go on by itself.
Refuses   for a job that runs inside the scheduler, which only a restart of it ends, and where the
          unit is not at work.
"""

from datetime import date, datetime, timedelta

from bot.core.job import Job
from bot.core.model import Alert, Facts, Unreadable, phrase
from bot.core.params import Param
from bot.core.runbook import ActionFailed, Refused, Remediation
from bot.core.tools import ActionTools

OVERRUNS = ("overrunning", "never_finished")


def remediation() -> Remediation:
    return Remediation(
        name="remediate_stop_job",
        label="Stop job",
        target="stop a job",
        params=[
            Param(name="job", default="", pattern=r"[\w.:-]{1,64}", like="collect_yesterday_data")
        ],
        command="stop_job",
        about="Stop a job that runs too long, where it is a unit",
        place=72,
        suits=overruns,
        preflight=preflight,
        act=act,
        verify=verify,
        verified_by_check=False,  # job_runs may call it running for ever: its unit tells
        timeout=timedelta(minutes=5),
    )


def overruns(alert: Alert) -> bool:
    return alert.facts.get("problem") in OVERRUNS


async def preflight(tools: ActionTools, job: Job) -> Facts | Refused:
    name = job.word("job") or (job.alert.subject if job.alert else "")
    if not name:
        return Refused(phrase("stop_job_which"))
    unit = tools.jobs.unit(name, _day(job))
    if unit is None:
        return Refused(phrase("stop_job_inside", job=name))
    try:
        state = await tools.control.unit_state(unit)
    except Unreadable as error:
        return Refused(error.why)
    if not state.at_work:
        return Refused(phrase("stop_job_idle", job=name, unit=state.unit, detail=state.detail))
    since = None if state.since is None else state.since.isoformat()
    return {"job": name, "unit": state.unit, "detail": state.detail, "since": since}


async def act(tools: ActionTools, job: Job) -> Facts:
    unit = str(job.before["unit"])
    await tools.control.stop_unit(unit)
    return {"unit": unit}


async def verify(tools: ActionTools, _job: Job, after: Facts) -> Facts:
    """Stopped is what the manager says afterwards, not that it took the order."""
    state = await tools.control.unit_state(str(after["unit"]))
    if state.at_work:
        raise ActionFailed(phrase("stop_job_goes_on", unit=state.unit, detail=state.detail))
    return {"detail": state.detail}


def _day(job: Job) -> date:
    """The day that the job works on: the one before it was due, for a unit named by its day."""
    due = job.alert.facts.get("due") if job.alert else None
    if not isinstance(due, str):
        return job.moment.yesterday
    local = datetime.fromisoformat(due).astimezone(job.moment.zone)
    return local.date() - timedelta(days=1)
