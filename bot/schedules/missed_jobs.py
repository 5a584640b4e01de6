"""A critical job that the scheduler missed is started by the assistant, once."""

from datetime import datetime
from typing import Final

from bot.core import automatic
from bot.core.model import Reading, Status, phrase
from bot.core.planned import DONE, Result, Told, Turn
from bot.core.ports import Tx
from bot.core.question import Asking
from bot.core.schedule import SYSTEM, Deed, Scheduled, skipped

CHECK: Final = "check_scheduler_on_time"
MISSED: Final = "missed"
NONE: Final = phrase("missed_none")


def schedule() -> Scheduled:
    return Scheduled(
        name="missed_jobs",
        title="Missed jobs",
        about="Starts a critical job (MISSED_JOBS) that the scheduler missed, once for each due "
        "time (RESTART_MISSED_JOBS).",
        when="10m",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    """Look now, not at what the last round saw: the job may have come since."""
    readings = await asking.book.runbooks[CHECK].detect(asking.tools, asking.moment)
    known = {one.job: one for one in asking.book.policy.missed_jobs}
    missed = [one for one in readings if is_missed(one) and one.subject in known]
    if not missed:
        unwatched = [job for job in known if job not in {one.subject for one in readings}]
        return skipped(phrase("missed_unwatched", jobs=unwatched) if unwatched else NONE)

    def deed(tx: Tx, now: datetime) -> Told:
        """One at a time: they share a lock, and the next look takes the next one."""
        for one in missed:
            due = str(one.facts["due"])
            key = f"missed:{one.subject}:{due}"
            if tx.runs.by_key(key) is not None:
                continue
            job = known[one.subject]
            remediation = asking.book.remediations[job.action]
            if why := automatic.obstacle(tx, asking.book.policy, remediation, now):
                return Told(result=Result.SKIPPED, why=why)
            run = automatic.start(
                tx,
                asking.book.policy,
                remediation,
                now,
                key=key,
                by=SYSTEM.name,
                args=job.arguments(datetime.fromisoformat(due), asking.moment.zone),
            )
            if run is not None:
                return Told(result=Result.DONE, run_id=run.id)
            why = phrase("schedule_busy", action=remediation.label)
            return Told(result=Result.SKIPPED, why=why)
        return DONE if turn.asked_by else Told(result=Result.SKIPPED, why=phrase("missed_once"))

    return deed


def is_missed(reading: Reading) -> bool:
    return reading.status is Status.FIRING and reading.facts.get("problem") == MISSED
