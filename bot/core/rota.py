"""Hours of the week: who is on duty when, and when nothing rings. Pure.

Hours are local, belong to the day they begin on and may pass midnight. What is compared is
UTC: on the day the clocks change, a shift is an hour shorter or longer, as people live it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
ONE_DAY = timedelta(days=1)
WEEK = 8  # days looked ahead: a shift of one day a week, and the night after it


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of local time on some days; the same start and end are a whole day."""

    start: time
    end: time
    days: frozenset[int] = EVERY_DAY  # 0 is Monday

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Begin and end in UTC of the span that starts on this day."""
        if day.weekday() not in self.days:
            return None
        last = day + ONE_DAY if self.end <= self.start else day
        return _utc(day, self.start, zone), _utc(last, self.end, zone)

    def until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the span that holds now is over; None: now is outside."""
        today = now.astimezone(zone).date()
        spans = [self.on(today, zone), self.on(today - ONE_DAY, zone)]
        ends = [span[1] for span in spans if span and span[0] <= now < span[1]]
        return max(ends, default=None)

    def ends_between(self, start: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The last end after `start` and not after `now`."""
        today = now.astimezone(zone).date()
        spans = [self.on(today - ONE_DAY * ago, zone) for ago in range(WEEK)]
        return max((span[1] for span in spans if span and start < span[1] <= now), default=None)

    def __str__(self) -> str:
        days = "" if self.days == EVERY_DAY else f"{_named(self.days)} "
        return f"{days}{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Shift:
    person: int  # a Telegram user id
    hours: Hours

    def __str__(self) -> str:
        return f"{self.person} {self.hours}"


Rota = Sequence[Shift]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty from a moment on; `until` None: nothing changes within a week."""

    people: tuple[int, ...]
    since: datetime
    until: datetime | None


def on_duty(rota: Rota, now: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """Ids of the people on duty, in the order of the rota, each once."""
    found = [shift.person for shift in rota if shift.hours.until(now, zone)]
    return tuple(dict.fromkeys(found))


def duty(rota: Rota, now: datetime, zone: ZoneInfo) -> Duty:
    """Who is on duty now, and until when these people stay it."""
    people = on_duty(rota, now, zone)
    changes = sorted({edge for shift in rota for edge in _edges(shift.hours, now, zone)})
    until = next((edge for edge in changes if on_duty(rota, edge, zone) != people), None)
    return Duty(people, now, until)


def morning(now: datetime, start: time, zone: ZoneInfo) -> datetime:
    """The next beginning of working hours."""
    today = now.astimezone(zone).date()
    first = _utc(today, start, zone)
    return first if first > now else _utc(today + ONE_DAY, start, zone)


def parse_hours(text: str) -> Hours:
    """Read "02:00-04:00", "Sun 02:00-04:00", "Mon-Fri 09:00-18:00" or "Mon+Wed 09:00-18:00"."""
    *days, span = text.split() or [""]
    start, dash, end = span.partition("-")
    if len(days) > 1 or not dash:
        raise ValueError(f"{text!r} is not a span such as Sun 02:00-04:00")
    try:
        return Hours(_time(start), _time(end), _days(days[0]) if days else EVERY_DAY)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a span such as Sun 02:00-04:00") from error


def parse_rota(text: str) -> tuple[Shift, ...]:
    """Read "1001 Mon-Fri 09:00-18:00; 1002 18:00-09:00"."""
    return tuple(_shift(part.strip()) for part in text.split(";") if part.strip())


def _shift(text: str) -> Shift:
    person, _, hours = text.partition(" ")
    if not (person.isascii() and person.isdigit()):
        raise ValueError(f"{text!r} does not begin with a user id, as 1001 Mon-Fri 09:00-18:00")
    return Shift(int(person), parse_hours(hours))


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split("+"):
        first, dash, last = part.partition("-")
        begin = DAYS.index(first)
        span = (DAYS.index(last) - begin) % 7 if dash else 0
        found |= {(begin + ahead) % 7 for ahead in range(span + 1)}
    return frozenset(found)


def _named(days: frozenset[int]) -> str:
    """The days as they may be written in the settings."""
    ordered = sorted(days)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAYS[ordered[0]].title()}-{DAYS[ordered[-1]].title()}"
    return "+".join(DAYS[day].title() for day in ordered)


def _edges(hours: Hours, now: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    today = now.astimezone(zone).date()
    for ahead in range(-1, WEEK):
        if span := hours.on(today + ONE_DAY * ahead, zone):
            yield from (edge for edge in span if edge > now)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
