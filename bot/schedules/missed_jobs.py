"""A critical job that the scheduler missed is started by the assistant, once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.core import automatic
from bot.core.job import Arg
from bot.core.model import Moment, Reading, Status, phrase
from bot.core.planned import DONE, Result, Told, Turn
from bot.core.ports import Tx
from bot.core.question import Asking
from bot.core.schedule import SYSTEM, Deed, Scheduled, skipped

CHECK: Final = "check_scheduler_on_time"
MISSED: Final = "missed"
COLLECTS: Final = "collect_yesterday_data"
ACTIONS: Final = {COLLECTS: "remediate_collect", "recalc_recent_metrics": "remediate_recalc"}
RECALCULATED_DAYS: Final = 7


def schedule() -> Scheduled:
    return Scheduled(
        name="missed_jobs",
        title="Missed jobs",
        about="Starts a critical job that the scheduler missed, once for each due time "
        "(RESTART_MISSED_JOBS).",
        when="10m",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    """Look now, not at what the last round saw: the job may have come since."""
    readings = await asking.book.runbooks[CHECK].detect(asking.tools, asking.moment)
    missed = [one for one in readings if is_missed(one)]
    if not missed:
        return skipped(phrase("missed_none"))

    def deed(tx: Tx, now: datetime) -> Told:
        """One at a time: they share a lock, and the next look takes the next one."""
        for one in missed:
            due = str(one.facts["due"])
            key = f"missed:{one.subject}:{due}"
            if tx.runs.by_key(key) is not None:
                continue
            remediation = asking.book.remediations[ACTIONS[one.subject]]
            if why := automatic.obstacle(tx, asking.book.policy, remediation, now):
                return Told(result=Result.SKIPPED, why=why)
            run = automatic.start(
                tx,
                asking.book.policy,
                remediation,
                now,
                key=key,
                by=SYSTEM.name,
                args=arguments(one.subject, due, asking.moment),
            )
            if run is not None:
                return Told(result=Result.DONE, run_id=run.id)
            why = phrase("schedule_busy", action=remediation.label)
            return Told(result=Result.SKIPPED, why=why)
        return DONE if turn.asked_by else Told(result=Result.SKIPPED, why=phrase("missed_once"))

    return deed


def is_missed(reading: Reading) -> bool:
    firing = reading.status is Status.FIRING and reading.facts.get("problem") == MISSED
    return firing and reading.subject in ACTIONS


def arguments(job: str, due: str, at: Moment) -> Mapping[str, Arg]:
    """What the job would have worked on: the day before its due time, where it is one day's."""
    if job != COLLECTS:
        return {"days": RECALCULATED_DAYS}
    day = datetime.fromisoformat(due).astimezone(at.zone).date() - timedelta(days=1)
    return {"date": day.isoformat()}
