"""Jobs' heartbeats, kept and judged. Functions of a transaction.

Everything is decided by times in the tables, so a restart changes nothing; and for the time in
which nobody listened no job is blamed.
"""

from datetime import datetime, timedelta

from bot.core import beats
from bot.core.beats import Outlook, Plan, Signal
from bot.core.book import Book
from bot.core.model import Facts, Json, Moment
from bot.core.ports import Store, Tx
from bot.core.records import Beat
from bot.core.rounds import Round
from bot.core.runbook import Question, Runbook
from bot.core.tools import Tools
from bot.core.unwatched import nothing

LISTENED = "beats:listened"  # when this was last looked at: nobody listened since
GAP = timedelta(minutes=2)


def runbook(store: Store) -> Runbook:
    """Heartbeats make alerts without a check's rounds."""

    async def known(_tools: Tools, _moment: Moment) -> Facts:
        found = await store.read(lambda tx: list(tx.beats.all()))
        return {"jobs": {one.job: _told(one) for one in found}}

    question = Question(
        name="diagnose", label="Diagnose", template="beats/diagnosis.html.j2", read=known
    )
    return Runbook(
        name=beats.NAME, title="Heartbeat of a job", number=0, detect=nothing, diagnose=question
    )


def hear(tx: Tx, book: Book, job: str, signal: Signal, now: datetime) -> Outlook:
    """A job of the settings has spoken; what that means is known at once."""
    look(tx, book, now)
    beat = tx.beats.get(job) or Beat(job=job, since=now)
    tx.beats.save(beats.told(beat, signal, now))
    return next(one for one in look(tx, book, now) if one.job == job)


def look(tx: Tx, book: Book, now: datetime) -> list[Outlook]:
    """Judge all jobs by the clock."""
    gap = _gap(tx, now)
    known = {one.job: one for one in tx.beats.all()}
    for job, plan in book.beats.items():
        before = known.get(job)
        beat = _now(before, job, plan, gap, now)
        if beat != before:
            tx.beats.save(beat)
        known[job] = beat
    found = beats.judge_all(book.beats, known.values(), now)
    Round(tx, book, book.known[beats.NAME], now).settle([beats.judge(one, now) for one in found])
    return found


def _now(
    before: Beat | None,
    job: str,
    plan: Plan,
    gap: tuple[datetime, datetime] | None,
    now: datetime,
) -> Beat:
    if before is None:
        return Beat(job=job, since=now)
    beat = beats.settled(before, now)
    return beat if gap is None else beats.excused(beat, plan, gap)


def _gap(tx: Tx, now: datetime) -> tuple[datetime, datetime] | None:
    """The time in which no heartbeat could be heard, if it has just ended."""
    last = tx.recall(LISTENED)
    tx.remember(LISTENED, now.isoformat(), now)
    began = datetime.fromisoformat(last) if isinstance(last, str) else now
    return (began, now) if now - began > GAP else None


def _told(beat: Beat) -> dict[str, Json]:
    times = {"ok_at": beat.ok_at, "failed_at": beat.failed_at, "started_at": beat.started_at}
    return {
        **{name: one.isoformat() if one else None for name, one in times.items()},
        "took_seconds": beat.took_seconds,
    }
