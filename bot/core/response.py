"""Who answered alerts, and how fast: read from the rows of history. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from bot.core.model import Severity
from bot.core.records import HistoryEntry

BEGINS = ("opened", "reopened", "released", "given_back")
ANSWERS = ("acknowledged", "asked")  # a repair that somebody asked for is an answer too
ENDS = ("resolved", "inhibited")


@dataclass(frozen=True, slots=True)
class Times:
    """How long answers took, in seconds."""

    name: str
    count: int
    median: float
    worst: float


@dataclass(slots=True)
class Wait:
    """An alert that rang and waits for somebody."""

    since: datetime
    severity: Severity
    silenced: bool = False


@dataclass(slots=True)
class Tally:
    """What came of all the waiting."""

    by_person: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)  # of each person, the latest
    by_severity: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    healed: int = 0  # over before anybody came
    silenced: int = 0  # somebody chose not to hear of it
    waiting: int = 0

    @property
    def people(self) -> list[Times]:
        found = [_times(self.names[who], spans) for who, spans in self.by_person.items()]
        return sorted(found, key=lambda one: (-one.count, one.name))

    @property
    def severities(self) -> list[Times]:
        ordered = [one for one in reversed(Severity) if one in self.by_severity]
        return [_times(one, self.by_severity[one]) for one in ordered]


def tally(entries: Iterable[HistoryEntry]) -> Tally:
    """Sum up rows of any alerts, each alert's in the order they happened."""
    entries = list(entries)
    groups: dict[int, list[HistoryEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.alert_id].append(entry)
    result = Tally()
    for entry in sorted(entries, key=lambda one: one.at):
        result.names[_person(entry)] = entry.who
    for rows in groups.values():
        _one(rows, result)
    return result


def _one(rows: Sequence[HistoryEntry], result: Tally) -> None:
    wait: Wait | None = None
    severity = Severity.WARNING
    for row in rows:
        severity, rose = _severity(row, severity)
        if row.event in BEGINS or (rose and wait is not None):
            wait = Wait(row.at, severity)
        elif row.event == "silenced" and wait is not None:
            wait.silenced = True
        elif row.event in ANSWERS and wait is not None:
            seconds = max(0.0, (row.at - wait.since).total_seconds())
            result.by_person[_person(row)].append(seconds)
            result.by_severity[wait.severity].append(seconds)
            wait = None
        elif row.event in ENDS and wait is not None:
            _unanswered(wait, result, over=row.event == "resolved")
            wait = None
    if wait is not None:
        _unanswered(wait, result, over=False, waits=True)


def _person(row: HistoryEntry) -> str:
    """By number: names change, and two people may have one. Older rows know the name alone."""
    return str(row.values.get("user") or row.who)


def _unanswered(wait: Wait, result: Tally, *, over: bool, waits: bool = False) -> None:
    if wait.severity is Severity.INFO:
        return  # nobody has to come
    if wait.silenced:
        result.silenced += 1
    elif over:
        result.healed += 1
    elif waits:
        result.waiting += 1


def _severity(row: HistoryEntry, before: Severity) -> tuple[Severity, bool]:
    """How bad it is after this row, and whether that is worse."""
    named = row.values.get("severity") or row.values.get("to")
    if not isinstance(named, str) or named not in list(Severity):
        return before, False
    after = Severity(named)
    return after, row.event == "severity" and after.rank > before.rank


def _times(name: str, spans: Sequence[float]) -> Times:
    return Times(name, len(spans), median(spans), max(spans))
