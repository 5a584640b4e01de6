"""Heartbeats: jobs say that they ran, and the silence of one is an alert. Pure.

A job is late when it was not heard of by its due time and a grace after it; it overruns when it
has said that it began and not, within the grace, that it ended. To fail is to say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.core.model import Json, Reading, Severity, fires, ok, phrase, unknown
from bot.core.records import Beat

NAME = "beats"


class Signal(StrEnum):
    """What a job can say."""

    OK = "ok"
    START = "start"
    FAIL = "fail"


class Kind(StrEnum):
    """What is wrong with a job; the first one that holds is said."""

    FAILED = "failed"
    OVERRUN = "overrun"
    LATE = "late"


class Plan(Protocol):
    """When a job is expected: a period, or the times of a cron line."""

    @property
    def grace(self) -> timedelta: ...

    @property
    def text(self) -> str:
        """As it stands in the settings, such as "daily" or "*/15 * * * *"."""
        ...

    def due(self, after: datetime) -> datetime:
        """The first time after this one at which the job should be heard of."""
        ...


@dataclass(frozen=True, slots=True)
class Outlook:
    """One job before people's eyes."""

    job: str
    plan: Plan
    beat: Beat
    kind: Kind | None
    due: datetime

    @property
    def unheard(self) -> bool:
        return self.beat.ok_at is None and self.kind is None


def told(beat: Beat, signal: Signal, now: datetime) -> Beat:
    """What is known of a job after it has spoken."""
    match signal:
        case Signal.START:
            return replace(beat, started_at=now)
        case Signal.FAIL:
            return replace(beat, failed_at=now, started_at=None)
        case Signal.OK:
            began = beat.started_at
            took = (now - began).total_seconds() if began is not None else None
            return replace(
                beat, ok_at=now, failed_at=None, started_at=None, took_seconds=took, since=now
            )


def settled(beat: Beat, now: datetime) -> Beat:
    """No time of it lies ahead: the clock was set back, and would hide that it is late."""
    return replace(
        beat,
        since=min(beat.since, now),
        ok_at=_past(beat.ok_at, now),
        failed_at=_past(beat.failed_at, now),
        started_at=_past(beat.started_at, now),
    )


def excused(beat: Beat, plan: Plan, gap: tuple[datetime, datetime]) -> Beat:
    """While nobody listened a job may have spoken: it is expected anew from then on.

    One that was late before the gap stays late, and a run under way has its grace again.
    """
    began, ended = gap
    if plan.due(beat.since) + plan.grace < began:
        return beat
    started = ended if beat.started_at is not None else None
    return replace(beat, since=ended, started_at=started)


def outlook(job: str, plan: Plan, beat: Beat, now: datetime) -> Outlook:
    due = plan.due(beat.since)
    kind = None
    if beat.failed_at is not None:
        kind = Kind.FAILED
    elif beat.started_at is not None and now > beat.started_at + plan.grace:
        kind = Kind.OVERRUN
    elif beat.started_at is None and now > due + plan.grace:
        kind = Kind.LATE
    return Outlook(job, plan, beat, kind, due)


def judge(one: Outlook, now: datetime) -> Reading:
    facts = _facts(one)
    if one.kind is not None:
        return fires(one.job, Severity.ERROR, **facts)
    never = one.beat.ok_at is None or one.beat.since > one.beat.ok_at
    if never or (one.beat.started_at is not None and now > one.due):
        # It is on its way, or nobody could have heard it: neither well nor a trouble.
        return unknown(one.job, phrase("beat_awaited", due=one.due.isoformat()), idle=True)
    return ok(one.job, **facts)


def judge_all(plans: Mapping[str, Plan], known: Iterable[Beat], now: datetime) -> list[Outlook]:
    """Judge every job of the settings; one never heard of is expected from now on."""
    beats = {one.job: one for one in known}
    return [
        outlook(job, plan, beats.get(job, Beat(job=job, since=now)), now)
        for job, plan in plans.items()
    ]


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return None if moment is None else min(moment, now)


def _facts(one: Outlook) -> dict[str, Json]:
    beat = one.beat
    return {
        "kind": one.kind.value if one.kind else None,
        "schedule": one.plan.text,
        "grace_seconds": one.plan.grace.total_seconds(),
        "due": one.due.isoformat(),
        "ok_at": beat.ok_at.isoformat() if beat.ok_at else None,
        "failed_at": beat.failed_at.isoformat() if beat.failed_at else None,
        "started_at": beat.started_at.isoformat() if beat.started_at else None,
        "took_seconds": beat.took_seconds,
    }
