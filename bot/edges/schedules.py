"""When jobs are expected: cron lines and periods, out of the words of a setting."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")
SPAN = re.compile(r"(\d{1,4})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 1",
    "@monthly": "0 0 1 * *",
}
GRACE = timedelta(minutes=10)
OFF = {"off", "never", "no", "false"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One job of `BEATS`: `schedule` is a cron line or a period, as it was written."""

    job: str
    schedule: str
    grace: timedelta

    def plan(self, zone: ZoneInfo) -> "Every | Cron":
        if (every := _span(self.schedule)) is not None:
            return Every(every, self.grace, self.schedule)
        line = NAMED.get(self.schedule, self.schedule)
        return Cron(line, zone, self.grace, self.schedule)


@dataclass(frozen=True, slots=True)
class Every:
    every: timedelta
    grace: timedelta
    text: str

    @property
    def period(self) -> timedelta:
        return self.every

    def due(self, after: datetime) -> datetime:
        return after + self.every


@dataclass(frozen=True, slots=True)
class Cron:
    line: str
    zone: ZoneInfo
    grace: timedelta
    text: str
    period: None = None

    def due(self, after: datetime) -> datetime:
        return next(CronSim(self.line, after.astimezone(self.zone))).astimezone(UTC)


def when(name: str, text: str, zone: ZoneInfo) -> Every | Cron | None:
    """Read `SCHEDULE__NAME`: a cron line, a period, or `off`; `ValueError` says what is wrong."""
    text = " ".join(text.split())
    if text.lower() in OFF:
        return None
    if _span(text) is None:
        _checked(name, NAMED.get(text, text))
    return Expected(name, text, GRACE).plan(zone)


def parse(text: str) -> tuple[Expected, ...]:
    """Read `backup=@daily+2h; sync=*/15 * * * *+5m`; raise `ValueError` with what is wrong."""
    found = tuple(_expected(part.strip()) for part in text.split(";") if part.strip())
    jobs = [one.job for one in found]
    if twice := {job for job in jobs if jobs.count(job) > 1}:
        raise ValueError(f"{min(twice)} is there twice")
    return found


def _expected(text: str) -> Expected:
    job, equals, rest = (word.strip() for word in text.partition("="))
    if not equals or not JOB.fullmatch(job):
        raise ValueError(f"{text[:40]!r} is not job=schedule+grace, such as backup=@daily+2h")
    schedule, plus, last = (word.strip() for word in rest.rpartition("+"))
    if not plus:
        schedule, last = last, ""
    grace = _span(last) if plus else GRACE
    if grace is None:
        raise ValueError(f"{job}: {last[:20]!r} is not a grace, such as 30s, 5m or 2h")
    if _span(schedule) is None:
        _checked(job, NAMED.get(schedule, schedule))
    return Expected(job, schedule, grace)


def _checked(job: str, line: str) -> None:
    try:
        next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration, ValueError) as error:
        message = f"{job}: {line[:40]!r} is neither a cron line nor a period, such as 15m"
        raise ValueError(message) from error


def _span(text: str) -> timedelta | None:
    found = SPAN.fullmatch(text)
    span = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
    return span or None
