"""The words of the domain: frozen values, standard library only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | Sequence[Json] | Mapping[str, Json]"
Facts: TypeAlias = Mapping[str, Json]
Row: TypeAlias = Mapping[str, Scalar]


class Severity(StrEnum):
    """How bad it is. Compare by `rank`: the strings themselves do not sort."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


EXPLAINS: Final = Severity.ERROR  # so bad, an alert makes those that depend on its check doubtful


class Status(StrEnum):
    """What a check saw of one subject. `UNKNOWN` is never taken for `OK`."""

    OK = "ok"
    FIRING = "firing"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Where an alert stands in its life."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Role(StrEnum):
    """What a person may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence for people: its name in `templates/phrases.html.j2` and the values it takes."""

    key: str
    values: Facts = field(default_factory=dict)


def phrase(key: str, /, **values: Json) -> Phrase:
    return Phrase(key, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one round of a check saw of one subject.

    `subject` names the thing looked at and, with the check's name, is the alert's fingerprint.
    `facts` are numbers for the card: of what is wrong, and equally of what is well (the proof
    that a remediation helped). `idle` marks an unknown that is nobody's fault, such as a night
    without requests: shown, never alerted on. `again_in` asks for one more look after that many
    seconds, where a single look cannot know (the first scrape of a counter).
    """

    subject: str
    status: Status
    severity: Severity = Severity.INFO
    facts: Facts = field(default_factory=dict)
    why: Phrase | None = None
    idle: bool = False
    again_in: float | None = None


def ok(subject: str, **facts: Json) -> Reading:
    return Reading(subject=subject, status=Status.OK, facts=facts)


def fires(subject: str, severity: Severity, **facts: Json) -> Reading:
    return Reading(subject=subject, status=Status.FIRING, severity=severity, facts=facts)


def unknown(
    subject: str, why: Phrase, *, idle: bool = False, again_in: float | None = None
) -> Reading:
    return Reading(subject=subject, status=Status.UNKNOWN, why=why, idle=idle, again_in=again_in)


class Source(StrEnum):
    """Outside things that checks read; when one is down, its checks are blind together."""

    CHECK = "check"  # nothing shared: this check alone cannot see
    SHOP_DATABASE = "shop database"
    WEB_API = "web API"
    PROMETHEUS = "Prometheus"
    SERVICE_MANAGER = "service manager"


class Unreadable(Exception):  # noqa: N818  # reads better where it is raised: it is an outcome
    """A check could not look. It resolves nothing and is never "ok"."""

    def __init__(self, why: Phrase, source: Source = Source.CHECK) -> None:
        super().__init__(f"{source}: {why.key} {dict(why.values)}")
        self.why = why
        self.source = source


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The time a check judges at, in UTC, and what it may ask about it.

    `open` holds the subjects of this check's open alerts with the time each opened, for
    thresholds that clear later than they fire and for what is worse when it lasts. `off` names
    the checks that are switched off: what one leaves to them is told by nobody.
    """

    now: datetime
    zone: ZoneInfo
    open: Mapping[str, datetime] = field(default_factory=dict)
    off: Collection[str] = ()

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        """The business day in `APP_TIMEZONE`."""
        return self.local.date()

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom Telegram vouches for: a numeric id; the name is only for display."""

    id: int
    name: str
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A finding that people must be told about, kept until it heals.

    `version` grows with every change; a card that was asked to show a newer one than it does is
    out of date. `told_at` is when cards were last asked to show new numbers: mere numbers are
    shown once a minute at most. `times` counts how often it has opened, reopenings included.
    `remind_at` and `escalate_at` are the clocks of the response matrix; None: not running.
    """

    id: int
    check: str
    subject: str
    severity: Severity
    state: State
    facts: Facts
    opened_at: datetime
    told_at: datetime
    version: int = 1
    times: int = 1
    acknowledged_by: str | None = None
    acknowledged_id: int | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    well_since: datetime | None = None  # the check sees it well, and it must stay so for a while
    flapping_since: datetime | None = None
    cause_id: int | None = None  # the open alert that makes this one doubtful: it must not ring
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    escalated_at: datetime | None = None
    responded_at: datetime | None = None
    proof: Facts = field(default_factory=dict)  # what the check saw when it healed

    @property
    def fingerprint(self) -> str:
        return f"{self.check}:{self.subject}"
