"""What is expected besides the calendar: the next round of each check, and jobs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core import beats
from bot.core.model import Json, Phrase, Unreadable
from bot.core.question import Asking
from bot.core.runbook import Runbook
from bot.questions._states import is_overdue
from bot.questions._values import rows

JOBS = "check_scheduler_on_time"
MOST = 12  # lines of one table on a phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """One check. `next_at` None: it is switched off, overdue, or has not looked yet."""

    runbook: Runbook
    every: float | None  # seconds
    next_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job that is expected. `state`: ok, never, runs, late, overrun or failed."""

    name: str
    due: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopJobs:
    """Those of SoVAni's scheduler; `why`: they cannot be read now. `watched`: by their check."""

    jobs: Sequence[Job]
    why: Phrase | None
    watched: bool


async def checks(asking: Asking) -> list[Looks]:
    rounds = await asking.store.read(
        lambda tx: {state.name: state.round_at for state in tx.checks.all()}
    )
    books = asking.book.runbooks.values()
    return [_looks(asking, book, rounds.get(book.name)) for book in books]


def _looks(asking: Asking, runbook: Runbook, last: datetime | None) -> Looks:
    """A pause between rounds may be a little longer than it should: then it is due now."""
    every, now = runbook.every or asking.interval, asking.moment.now
    if not runbook.enabled or last is None:
        pace = every.total_seconds() if runbook.enabled else None
        return Looks(runbook=runbook, every=pace, next_at=None, overdue=False)
    overdue = is_overdue(last, every, now)
    return Looks(
        runbook=runbook,
        every=every.total_seconds(),
        next_at=None if overdue else max(last + every, now),
        overdue=overdue,
    )


async def heartbeats(asking: Asking) -> list[Job]:
    """The jobs of `BEATS`, the next first, whatever is wrong before them."""
    plans, now = asking.book.beats, asking.moment.now
    found = await asking.store.read(lambda tx: beats.judge_all(plans, tx.beats.all(), now))
    return _sorted(Job(name=one.job, due=one.due, state=_beat(one)) for one in found)


def _beat(one: beats.Outlook) -> str:
    if one.kind is not None:
        return one.kind.value
    if one.beat.started_at is not None:
        return "runs"
    return "never" if one.unheard else "ok"


async def shop_jobs(asking: Asking) -> ShopJobs:
    book = asking.book.runbooks[JOBS]
    try:
        facts = await book.details["jobs"](asking.tools, asking.moment)
    except Unreadable as unreadable:
        return ShopJobs(jobs=(), why=unreadable.why, watched=book.enabled)
    found = facts["jobs"]
    known = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    jobs = _sorted(_job(one) for one in known)
    return ShopJobs(jobs=jobs, why=None, watched=book.enabled)


def _job(one: Mapping[str, Json]) -> Job:
    due, runs = one["next_due"], rows(one["runs"])
    state = "never" if not runs else "ok"
    if one["overrunning"]:
        state = "overrun"
    elif one["running_sec"] is not None:
        state = "runs"
    elif runs and runs[-1]["status"] == "failed":
        state = "failed"
    return Job(
        name=str(one["job"]),
        due=datetime.fromisoformat(due) if isinstance(due, str) else None,
        state=state,
    )


def _sorted(jobs: Iterable[Job]) -> list[Job]:
    wrong = {"failed", "overrun", "late"}
    return sorted(
        jobs,
        key=lambda one: (
            one.state not in wrong,
            one.due is None,
            one.due.timestamp() if one.due else 0,
            one.name,
        ),
    )
