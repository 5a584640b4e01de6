"""A critical job that the scheduler missed is started by the assistant, and again if it fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.core import attempts, automatic, retries
from bot.core.job import Arg
from bot.core.missed import COLLECT, Missed
from bot.core.model import Json, Phrase, Reading, Status, phrase
from bot.core.planned import DONE, Result, Told, Turn
from bot.core.ports import Tx
from bot.core.question import Asking
from bot.core.records import Run, RunState
from bot.core.retries import Attempt
from bot.core.schedule import SYSTEM, Deed, Scheduled

CHECK: Final = "check_scheduler_on_time"
MISSED, FAILED = "missed", "failed"
NONE: Final = phrase("missed_none")


def schedule() -> Scheduled:
    return Scheduled(
        name=attempts.SCHEDULE,
        title="Missed jobs",
        about="Starts a critical job (MISSED_JOBS) that the scheduler missed, once for each due "
        "time (RESTART_MISSED_JOBS); where that fails, again after 10, 20 and 40 minutes "
        "(MISSED_JOBS_RETRIES).",
        when="10m",
        work=work,
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    """Look now, not at what the last round saw: the job may have come since."""
    readings = await asking.book.runbooks[CHECK].detect(asking.tools, asking.moment)
    known = {one.job: one for one in asking.book.policy.missed_jobs}
    wanted = [one for one in readings if is_open(one) and one.subject in known]
    unwatched = [job for job in known if job not in {one.subject for one in readings}]
    pause = await asking.tools.markets.sales_pause(asking.moment.now)

    def deed(tx: Tx, now: datetime) -> Told:
        """One at a time: they share a lock, and the next look takes the next one."""
        look = Look(asking, tx, now)
        told = None
        for one in wanted:
            job = known[one.subject]
            told = told or look.at(one, job, pause if job.does == COLLECT else None)
        look.remember()
        if told is not None:
            return told
        if look.waiting:
            return look.waits()
        if look.tried:
            return DONE if turn.asked_by else Told(result=Result.SKIPPED, why=_over(look))
        why = phrase("missed_unwatched", jobs=unwatched) if unwatched else NONE
        return Told(result=Result.SKIPPED, why=why)

    return deed


@dataclass
class Look:
    """What one look finds of all jobs: which are tried again, and when."""

    asking: Asking
    tx: Tx
    now: datetime
    waiting: dict[str, Attempt] = field(default_factory=dict)
    tried: bool = False
    given_up: bool = False

    def at(self, reading: Reading, job: Missed, pause: datetime | None) -> Told | None:
        """Start the job, or note when that is due; None: nothing was started or refused."""
        due = str(reading.facts["due"])
        key = f"missed:{job.job}:{due}"
        runs = retries.made(key, self.tx.runs.by_key)
        if not runs and reading.facts.get("problem") != MISSED:
            return None  # the scheduler's own run failed: that is people's
        self.tried = True
        began = datetime.fromisoformat(due)
        args = job.arguments(began, self.asking.moment.zone)
        if self._done_meanwhile(job, args, began):
            return None
        most = self.asking.book.policy.missed_retries
        attempt = retries.following(key, runs, retries=most, now=self.now, not_before=pause)
        if attempt is None:
            self.given_up = self.given_up or len(runs) > most > 0
            return None
        if attempt.at > self.now:
            self.waiting[job.job] = attempt
            return None
        return self._start(attempt, job, args)

    def remember(self) -> None:
        """What `/jobs` and the cards show."""
        most = 1 + self.asking.book.policy.missed_retries
        kept: dict[str, Json] = {
            job: {"at": one.at.isoformat(), "number": one.number, "most": most}
            for job, one in self.waiting.items()
        }
        attempts.keep(self.tx, self.asking.book, kept, self.now)

    def waits(self) -> Told:
        job, one = min(self.waiting.items(), key=lambda item: item[1].at)
        most = 1 + self.asking.book.policy.missed_retries
        why = phrase("missed_again", job=job, at=one.at.isoformat(), number=one.number, most=most)
        return Told(result=Result.WAITS, why=why, until=one.at)

    def _done_meanwhile(self, job: Missed, args: Mapping[str, Arg], since: datetime) -> bool:
        """Somebody has had the same done, by hand or by the API."""
        runs: Sequence[Run] = self.tx.runs.of_actions([job.action], since)
        return any(one.state is RunState.SUCCEEDED and dict(one.args) == args for one in runs)

    def _start(self, attempt: Attempt, job: Missed, args: Mapping[str, Arg]) -> Told:
        book = self.asking.book
        remediation = book.remediations[job.action]
        if why := automatic.obstacle(self.tx, book.policy, remediation, self.now):
            return Told(result=Result.SKIPPED, why=why)
        run = automatic.start(
            self.tx,
            book.policy,
            remediation,
            self.now,
            key=attempt.key,
            by=SYSTEM.name,
            args=args,
        )
        if run is not None:
            return Told(result=Result.DONE, run_id=run.id)
        return Told(result=Result.SKIPPED, why=phrase("schedule_busy", action=remediation.label))


def is_open(reading: Reading) -> bool:
    """Its newest due time came to nothing."""
    problem = reading.facts.get("problem")
    return reading.status is Status.FIRING and problem in {MISSED, FAILED}


def _over(look: Look) -> Phrase:
    return phrase("missed_given_up") if look.given_up else phrase("missed_once")
