"""VACUUM once a month, in the maintenance window, and only where it is worth it.

A job may begin between our look and the pre-flight, which then refuses. So what was started is
looked at until it has ended, and what was refused for something that passes is tried again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core import retries, way_clear
from bot.core.keyboard import Colour, Key
from bot.core.model import Facts, Phrase, phrase
from bot.core.planned import Result, Told, Turn
from bot.core.ports import Tx
from bot.core.question import Asking, Page
from bot.core.records import ACTIVE, Run, RunState
from bot.core.schedule import Deed, Scheduled, action, closing, opening, posted, skipped, told
from bot.core.tools import DatabaseSize
from bot.core.verbs import Verb

LEAST_PCT = 10.0
SLOW_DISK = 50e6  # bytes a second: rather too early for a job than in its way
A_DAY = timedelta(days=1)
LOOK_AGAIN = timedelta(minutes=1)  # at what was started
RETRIES: Final = 3
PASSES: Final = {  # why it did not come about, where time may mend it
    "job_at_work",
    "job_due_soon",
    "vacuum_busy",
    "vacuum_locked",
    "shop_locked",
    "too_soon",
    "preflight_too_slow",
}
ACTION = "remediate_vacuum_db"


def schedule() -> Scheduled:
    return Scheduled(
        name="vacuum",
        title="Monthly VACUUM",
        about="Gives the database's free pages back to the disk, inside MAINTENANCE_WINDOW; "
        "skipped when that would free less than 10 %, and put off while a job of the scheduler is "
        "in its way. Refused for what passes, it is tried again; a window that ends without it is "
        "told the admin chat.",
        when="0 3 1 * *",
        work=work,
        now=Key("Run VACUUM", Verb.DO, ACTION, Colour.DANGER),
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    runs = await asking.store.read(lambda tx: retries.made(turn.key, tx.runs.by_key))
    night = Night(asking, turn, runs)
    if runs and runs[-1].state in ACTIVE:
        return night.looked_at()
    if runs and not _may_pass(runs[-1]):
        return lambda _tx, _now: Told(result=Result.DONE, run_id=runs[-1].id)
    size = await asking.tools.shop.size()
    if size.free_bytes is not None and size.total:
        share = 100 * size.free_bytes / size.total
        if share < LEAST_PCT:
            return skipped(phrase("schedule_little", **_little(size.free_bytes, share)))
    return await night.tried(size)


@dataclass(frozen=True, slots=True)
class Night:
    """One due time, with the attempts made for it: `runs`, the first one first."""

    asking: Asking
    turn: Turn
    runs: Sequence[Run]

    def looked_at(self) -> Deed:
        run = self.runs[-1].id
        return lambda _tx, now: Told(result=Result.WAITS, run_id=run, until=now + LOOK_AGAIN)

    async def tried(self, size: DatabaseSize) -> Deed:
        """Start it now, or wait for when that can be."""
        now, rules = self.asking.moment.now, self.asking.book.policy
        attempt = retries.following(
            self.turn.key, self.runs, retries=RETRIES, now=now, not_before=None
        )
        if attempt is None:
            return self._over(phrase("vacuum_given_up", most=1 + RETRIES), None)
        if opening(rules, now) != now:
            return self._waits(self._why, now) if self._why else self._started(attempt.key)
        if attempt.at > now:
            why = phrase(
                "vacuum_again",
                at=attempt.at.isoformat(),
                number=attempt.number,
                most=1 + RETRIES,
            )
            return self._waits(why, attempt.at)
        if size.free_bytes is not None and size.total:
            way = await way_clear.look(self.asking.tools, now, _seconds(size))
            if way.why is not None:
                return self._waits(way.why, way.at or now + A_DAY)
        return self._started(attempt.key)

    @property
    def _why(self) -> Phrase | None:
        """What was in its way, if it was tried or waited for a gap already."""
        entry = self.turn.entry
        if self.runs:
            return self.runs[-1].why
        waited = entry.next_at != entry.due and entry.why is not None
        return entry.why if waited and entry.why and entry.why.key in PASSES else None

    def _waits(self, why: Phrase, until: datetime) -> Deed:
        """Until then, or for the next window if this one is over by then, which is told."""
        now, rules = self.asking.moment.now, self.asking.book.policy
        if until < closing(rules, now):
            return self._with_run(told(Result.WAITS, why, until))
        return self._over(self._why or why, opening(rules, max(until, closing(rules, now))))

    def _over(self, why: Phrase, until: datetime | None) -> Deed:
        """Tell the admins, once for each due time; `until` None: there is no next attempt."""
        values = {"why": why, "until": until, "last": self.runs[-1].why if self.runs else None}
        look = Key("Schedule", Verb.ASK, f"schedule {self.turn.name}")
        page = Page(template="answers/vacuum_put_off.html.j2", values=values, keys=[[look]])
        say = posted(self.asking, self.turn, page, admins=True)
        result = Result.SKIPPED if until is None else Result.WAITS

        def deed(tx: Tx, now: datetime) -> Told:
            say(tx, now)
            return Told(result=result, why=why, until=until)

        return deed

    def _started(self, key: str) -> Deed:
        start = action(self.asking, key, ACTION)

        def deed(tx: Tx, now: datetime) -> Told:
            found = start(tx, now)
            if found.result is not Result.DONE:
                return found
            return replace(found, result=Result.WAITS, until=now + LOOK_AGAIN)

        return deed

    def _with_run(self, deed: Deed) -> Deed:
        run = self.runs[-1].id if self.runs else None
        return lambda tx, now: replace(deed(tx, now), run_id=run)


def _may_pass(run: Run) -> bool:
    in_vain = run.state in {RunState.REFUSED, RunState.FAILED}
    return in_vain and run.why is not None and run.why.key in PASSES


def _seconds(size: DatabaseSize) -> float:
    """About as long as it takes: all is read, and what is not free is written."""
    return (2 * size.total - (size.free_bytes or 0)) / SLOW_DISK


def _little(free_bytes: int, share: float) -> Facts:
    return {"free_bytes": free_bytes, "share_pct": round(share, 1), "least_pct": LEAST_PCT}
