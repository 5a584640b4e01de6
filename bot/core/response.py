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


@dataclass(slots=True)
class Count:
    """Sums up rows as they are read, however many there are: each alert's in their order.

    Kept between two pages is only which alerts wait, how bad each is, and the latest names.
    """

    _sums: Tally = field(default_factory=Tally)
    _waits: dict[int, Wait] = field(default_factory=dict)
    _severities: dict[int, Severity] = field(default_factory=dict)
    _named_at: dict[str, datetime] = field(default_factory=dict)

    def take(self, rows: Iterable[HistoryEntry]) -> None:
        for row in rows:
            self._name(row)
            self._one(row)

    def result(self) -> Tally:
        """What came of it; whatever waits now is still waiting, so ask once, at the end."""
        for wait in self._waits.values():
            _unanswered(wait, self._sums, over=False, waits=True)
        return self._sums

    def _name(self, row: HistoryEntry) -> None:
        who = _person(row)
        if who not in self._named_at or row.at >= self._named_at[who]:
            self._named_at[who] = row.at
            self._sums.names[who] = row.who

    def _one(self, row: HistoryEntry) -> None:
        severity, rose = _severity(row, self._severities.get(row.alert_id, Severity.WARNING))
        self._severities[row.alert_id] = severity
        wait = self._waits.get(row.alert_id)
        if row.event in BEGINS or (rose and wait is not None):
            self._waits[row.alert_id] = Wait(row.at, severity)
        elif wait is None:
            return
        elif row.event == "silenced":
            wait.silenced = True
        elif row.event in ANSWERS:
            seconds = max(0.0, (row.at - wait.since).total_seconds())
            self._sums.by_person[_person(row)].append(seconds)
            self._sums.by_severity[wait.severity].append(seconds)
            del self._waits[row.alert_id]
        elif row.event in ENDS:
            _unanswered(wait, self._sums, over=row.event == "resolved")
            del self._waits[row.alert_id]


def tally(entries: Iterable[HistoryEntry]) -> Tally:
    """Sum up rows of any alerts, each alert's in the order they happened."""
    count = Count()
    count.take(entries)
    return count.result()


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
