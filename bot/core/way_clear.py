"""Whether the scheduler's jobs leave the shop's database alone for a while, and from when.

Whatever locks the database for longer than a program waits for a lock makes a job that writes
fail. So it goes round them: it does not begin while one runs, or so that one falls due before
its end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.model import Facts, Phrase, Row, Unreadable, phrase
from bot.core.tools import Service, Tools
from bot.core.tools.calendar import Due
from bot.core.values import moment

SPARE: Final = timedelta(seconds=30)  # what a short lock may take longer than it was reckoned
LATE: Final = timedelta(minutes=15)  # a job that has not begun by then was missed
EARLY: Final = timedelta(minutes=1)  # at most: the clocks of two hosts differ a little
DEAD: Final = timedelta(hours=1)  # an older "running" row is a job that died without a word
USUAL: Final = timedelta(minutes=1)  # a job of which no end is known
LOOKED_BACK: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=1)
MOST: Final = 1500  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    job: str
    started: datetime
    ended: datetime | None
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`why` it is not clear, and when it will be, if within a day. `known`: runs were seen."""

    known: bool = True
    why: Phrase | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime


async def look(tools: Tools, now: datetime, seconds: float) -> Way:
    """Whether the database may be locked from `now` for about so many seconds."""
    since = (now - LOOKED_BACK).strftime("%Y-%m-%d %H:%M:%S")
    try:
        rows = await tools.shop.rows("shop/job_runs.sql.j2", since=since, limit=MOST)
    except Unreadable:
        return Way(known=False)
    dues = tools.calendar.dues(now - LATE, now + AHEAD)
    if dues and await _stopped(tools):
        dues = ()
    waited_out = 2 * seconds <= tools.calendar.patience
    return judge(parse(rows), () if waited_out else dues, now, seconds)


def judge(runs: Sequence[Run], dues: Iterable[Due], now: datetime, seconds: float) -> Way:
    """The same of values: jobs that run now, and `dues` that would fail on the lock."""
    lengths = _lengths(runs)
    wanted = timedelta(seconds=2 * seconds) + SPARE
    at_work = [one for one in runs if one.running and _lives(one, now, lengths)]
    coming = [due for due in dues if not _begun(due, runs)]
    soon = [due for due in coming if due.at < now + wanted]
    if not at_work and not soon:
        return Way()
    working = [Span(now, _end_of(one, now, lengths)) for one in at_work]
    expected = [_span(due, now, lengths) for due in coming]
    free_at = gap([*working, *expected], now, wanted)
    at = None if free_at is None else free_at.isoformat()
    if at_work:
        names: Facts = {"jobs": list(dict.fromkeys(one.job for one in at_work)), "at": at}
        return Way(why=phrase("job_at_work", **names), at=free_at)
    names = {"jobs": list(dict.fromkeys(due.job for due in soon)), "at": at}
    due_at = max(soon[0].at, now).isoformat()
    return Way(why=phrase("job_due_soon", due=due_at, seconds=seconds, **names), at=free_at)


def gap(spans: Sequence[Span], now: datetime, wanted: timedelta) -> datetime | None:
    """The first moment, within a day, from which no span begins for so long."""
    at = now
    for span in sorted(spans, key=lambda one: one.start):
        if span.start >= at + wanted:
            break
        at = max(at, span.end)
    return at if at <= now + AHEAD - wanted else None


def parse(rows: Sequence[Row]) -> list[Run]:
    """Rows of `job_runs`, oldest first; those without a readable start are left out."""
    runs = []
    for row in rows:
        started, ended = moment(row["started_at"]), moment(row["finished_at"])
        if started is None:
            continue
        running = ended is None and str(row["status"]).strip().lower() == "running"
        runs.append(Run(job=str(row["job_name"]), started=started, ended=ended, running=running))
    return sorted(runs, key=lambda one: one.started)


async def _stopped(tools: Tools) -> bool:
    """A scheduler that is known to be stopped starts nothing."""
    try:
        state = await tools.services.state(Service.SCHEDULER)
    except Unreadable:
        return False
    return state is not None and not state.running


def _lengths(runs: Iterable[Run]) -> Mapping[str, timedelta]:
    """The longest run of each job lately."""
    longest: dict[str, timedelta] = {}
    for one in runs:
        if one.ended is not None:
            length = one.ended - one.started
            longest[one.job] = max(length, longest.get(one.job, timedelta(0)))
    return longest


def _lives(one: Run, now: datetime, lengths: Mapping[str, timedelta]) -> bool:
    usual = lengths.get(one.job, USUAL)
    return one.started <= now + EARLY and now - one.started <= max(DEAD, 3 * usual)


def _end_of(one: Run, now: datetime, lengths: Mapping[str, timedelta]) -> datetime:
    return max(one.started + lengths.get(one.job, USUAL), now) + USUAL


def _begun(due: Due, runs: Iterable[Run]) -> bool:
    return any(one.job == due.job and one.started >= due.at - EARLY for one in runs)


def _span(due: Due, now: datetime, lengths: Mapping[str, timedelta]) -> Span:
    """A due job that has not begun yet may still begin, until it counts as missed."""
    starts = due.at if due.at > now else due.at + LATE
    return Span(due.at, starts + lengths.get(due.job, USUAL) + USUAL)
