"""What is planned: when each scheduled thing is due, and what became of it last. Pure.

Only times in the tables count, so a restart changes nothing. What was missed is done once, late;
what was done for a due time is never done for it again, whatever the clock does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.core.keyboard import Key
from bot.core.model import Phrase

RETRIES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
WRONG_CLOCK = timedelta(hours=25)  # done so far in the future, the clock was wrong then


class When(Protocol):
    """Due times out of a setting: a cron line in `APP_TIMEZONE`, or a period."""

    @property
    def text(self) -> str:
        """As it stands in the settings."""
        ...

    @property
    def period(self) -> timedelta | None:
        """None: the times are of the calendar."""
        ...

    def due(self, after: datetime) -> datetime:
        """The first due time after this one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A scheduled thing before people's eyes; `when` None: it is switched off.

    `now` is the button that does the same by itself, with a guard of its own; without one
    *Run now* does it.
    """

    name: str
    title: str
    about: str
    when: When | None
    usual: str  # its default
    now: Key | None = None


class Result(StrEnum):
    """What became of a scheduled thing the last time."""

    DONE = "done"
    SKIPPED = "skipped"  # there was nothing to do, or it must not be done
    WAITS = "waits"  # for a time at which it may be done
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is kept of one scheduled thing.

    `due` is the time it has to be done for, `next_at` when it is looked at: later than `due`
    where it waits or is tried again. `plan` is the setting that both were computed from. Due
    times up to `done` are settled. `asked_at` is set while somebody wants it now.
    """

    name: str
    plan: str
    due: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0
    done: datetime | None = None
    ended_at: datetime | None = None
    result: Result | None = None
    why: Phrase | None = None
    run_id: int | None = None
    asked_at: datetime | None = None
    asked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it; `until`: it waits for this time."""

    result: Result
    why: Phrase | None = None
    run_id: int | None = None
    until: datetime | None = None


DONE = Told(result=Result.DONE)


@dataclass(frozen=True, slots=True)
class Turn:
    """It is due now. `key` names this due time for ever."""

    entry: Entry
    due: datetime
    asked_by: str | None = None

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def key(self) -> str:
        kind = "asked" if self.asked_by is not None else "due"
        return f"schedule:{self.name}:{kind}:{self.due.isoformat()}"


def settled(entry: Entry | None, planned: Planned, zone: str, now: datetime) -> Entry:
    """The entry as the settings and the clock want it now."""
    plan = "off" if planned.when is None else f"{planned.when.text} {zone}"
    if entry is None:
        entry = Entry(name=planned.name, plan="")
    if planned.when is None:
        return replace(entry, plan=plan, due=None, next_at=None, tries=0)
    if entry.plan != plan or entry.due is None or _is_stuck(entry, planned.when, now):
        return _next(replace(entry, plan=plan), planned.when, now)
    return entry


def turn(entry: Entry, now: datetime) -> Turn | None:
    """Whether it has to be done now, and for which due time."""
    if entry.asked_at is not None:
        return Turn(entry, entry.asked_at, entry.asked_by or "")
    if entry.due is not None and entry.next_at is not None and entry.next_at <= now:
        return Turn(entry, entry.due)
    return None


def asked(entry: Entry, who: str, now: datetime) -> Entry:
    """Somebody wants it now; two who do want it once."""
    return entry if entry.asked_at is not None else replace(entry, asked_at=now, asked_by=who)


def is_still(entry: Entry, it: Turn) -> bool:
    """Whether a turn taken some time ago is still to be done."""
    if it.asked_by is not None:
        return entry.asked_at == it.due
    return entry.plan == it.entry.plan and entry.due == it.due


def ended(entry: Entry, it: Turn, told: Told, when: When | None, now: datetime) -> Entry:
    """What is planned after this."""
    found = replace(entry, ended_at=now, result=told.result, why=told.why, run_id=told.run_id)
    if it.asked_by is not None:
        return replace(found, asked_at=None, asked_by=None)
    if when is None:
        return found
    later = _later(entry, told, now)
    following = when.due(max(now, it.due))
    if later is not None and later < following:
        tries = entry.tries + (told.result is Result.FAILED)
        return replace(found, next_at=later, tries=tries)
    return _next(replace(found, done=max(now, it.due)), when, now)


def _later(entry: Entry, told: Told, now: datetime) -> datetime | None:
    """When the same due time is looked at again; None: it is settled."""
    if told.result is Result.WAITS:
        return told.until
    if told.result is Result.FAILED and entry.tries < len(RETRIES):
        return now + RETRIES[entry.tries]
    return None


def _next(entry: Entry, when: When, now: datetime) -> Entry:
    """Wait for the first due time that is not settled: what was missed is not caught up."""
    after = now
    if entry.done is not None and when.period is None and entry.done - now <= WRONG_CLOCK:
        after = max(now, entry.done)  # the clock was set back: that time comes again
    due = when.due(after)
    return replace(entry, due=due, next_at=due, tries=0)


def _is_stuck(entry: Entry, when: When, now: datetime) -> bool:
    """Planned by a clock that was wrong: it would wait for ever, or be done again."""
    if entry.next_at is None or entry.due is None:
        return True
    if when.period is not None:
        tried_again = entry.next_at != entry.due
        return entry.next_at > now + when.period + (max(RETRIES) if tried_again else timedelta(0))
    if entry.done is None:
        return False
    if entry.done - now > WRONG_CLOCK:
        return entry.next_at > when.due(now)
    return entry.due <= entry.done <= now


@dataclass(frozen=True, slots=True)
class Plans:
    """All that is planned, by name, and the zone its times are of."""

    zone: str = "UTC"
    known: Mapping[str, Planned] = field(default_factory=dict)
