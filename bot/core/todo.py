"""Steps that only people can take: what they are, whose, and when they are due. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from bot.core import rota
from bot.core.model import Phrase, phrase

ONE_DAY: Final = timedelta(days=1)
USUAL: Final = ONE_DAY  # what was typed without a time
FARTHEST: Final = timedelta(days=366)
LONGEST_TEXT: Final = 200  # characters
DUE: Final = r"\d{1,4}[mhdw]|\d{1,2}:\d{2}|tomorrow|\d{4}-\d{2}-\d{2}"
SPAN: Final = re.compile(r"(\d{1,4})([mhdw])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a runbook that the assistant cannot take; its text is the phrase `step_<key>`.

    `line` is where the operators' document has it, `due` the time it is given.
    """

    key: str
    label: str
    runbook: int
    line: str
    due: timedelta


STEPS: Final = (
    Step("backup_token", "Backup token", 2, "P", timedelta(hours=2)),
    Step("pause_orders", "Pause orders", 3, "R4a", timedelta(hours=2)),
    Step("collect_receivables", "Collect receivables", 3, "R4b", timedelta(hours=8)),
    Step("defer_payments", "Defer payments", 3, "R4c", timedelta(hours=4)),
    Step("payment_terms", "Payment terms", 3, "R3c", timedelta(days=7)),
    Step("rules_document", "Rules document", 4, "R4b", timedelta(days=3)),
    Step("postgres_server", "PostgreSQL server", 5, "P", timedelta(days=7)),
    Step("postgres_rehearsal", "Rehearse the move", 5, "P", timedelta(days=14)),
    Step("postgres_move", "Move to PostgreSQL", 5, "R4", timedelta(days=28)),
    Step("postgres_old_file", "Let SQLite go", 5, "P", timedelta(days=60)),
)
CATALOGUE: Final[Mapping[str, Step]] = MappingProxyType({one.key: one for one in STEPS})


def of_runbook(number: int) -> list[Step]:
    return [one for one in STEPS if one.runbook == number]


class ItemState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # somebody said that it is not needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One step on the checklist. It is either of the catalogue or somebody's own text.

    `moves` counts how often its time was changed: a button made before a change does not make
    the same change again. `remind_at` is when it rings next, `reminders` how often it has
    since its time was last changed.
    """

    id: int
    step: str | None = None
    text: str = ""
    alert_id: int | None = None
    runbook: int | None = None
    chat_id: int
    topic_id: int | None = None
    created_at: datetime
    created_by: str
    created_id: int
    due_at: datetime
    remind_at: datetime
    owner: str | None = None
    owner_id: int | None = None
    state: ItemState = ItemState.OPEN
    moves: int = 0
    reminders: int = 0
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_id: int | None = None
    note: str = ""

    @property
    def open(self) -> bool:
        return self.state is ItemState.OPEN

    @property
    def title(self) -> Phrase:
        """What is to be done; the bare name of a step that a release no longer knows."""
        if self.step in CATALOGUE:
            return phrase(f"step_{self.step}")
        return phrase("step_text", text=self.text or self.step)

    def overdue(self, now: datetime) -> bool:
        return self.open and self.due_at <= now


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the steps of an alert are; what was not needed does not count."""

    done: int
    open: int
    late: int = 0

    @property
    def all(self) -> int:
        return self.done + self.open


def tally(items: Sequence[Item], now: datetime | None = None) -> Tally | None:
    """None: there are none."""
    done = sum(one.state is ItemState.DONE for one in items)
    open_ = sum(one.open for one in items)
    late = sum(one.overdue(now) for one in items) if now else 0
    return Tally(done, open_, late) if done or open_ else None


def due_of(word: str, now: datetime, zone: ZoneInfo, morning: time) -> datetime | None:
    """When "2h", "3d", "18:00", "tomorrow" or "2026-12-01" is; None: no time within a year.

    A day means the beginning of its working hours.
    """
    try:
        found = _due(word.lower(), now, zone, morning)
    except (ValueError, OverflowError):
        return None
    return found if timedelta(0) < found - now <= FARTHEST else None


def _due(word: str, now: datetime, zone: ZoneInfo, morning: time) -> datetime:
    if span := SPAN.fullmatch(word):
        return now + timedelta(**{UNITS[span[2]]: int(span[1])})
    if ":" in word:
        hour, _, minute = word.partition(":")
        return rota.morning(now, time(int(hour), int(minute)), zone)
    today = now.astimezone(zone).date()
    day = today + ONE_DAY if word == "tomorrow" else date.fromisoformat(word)
    return datetime.combine(day, morning, zone).astimezone(now.tzinfo)


def postponed(due: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """A day later, at the same time of day, and never in the past."""
    return following(due, max(due, now), zone)


def following(due: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """The first time after now that is whole days after the due time, by the wall clock."""
    local = due.astimezone(zone)
    days = max(1, (now.astimezone(zone).date() - local.date()).days)
    found = _days_after(local, days, zone)
    later = found if found > now else _days_after(local, days + 1, zone)
    return later.astimezone(due.tzinfo)


def _days_after(local: datetime, days: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(local.date() + timedelta(days=days), local.timetz(), zone)
