"""The lines of a runbook: what to see, to look at, to do and to keep up. Pure data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby
from string import ascii_lowercase
from typing import Final

WEEK_AGO: Final = "WEEK_AGO"  # in the arguments of what a line does: the date of then


class Section(StrEnum):
    SYMPTOMS = "symptoms"
    DIAGNOSIS = "diagnosis"
    STEPS = "steps"
    PREVENTION = "prevention"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a runbook, and what does it.

    `name` is the block of its text in the check's `runbook.html.j2`. `asks` are read-only
    questions by the labels of their buttons: commands, or questions of the runbook itself. `does`
    are actions, with the arguments as they are typed: a button where none is missing, a tick in
    any case. `todo` are steps of the checklist's catalogue, for what only people can do.
    `schedule` is what the calendar does for it. `told` are events of an alert's story that tick
    it. Lines that share `under`, the block of a heading, are parts of one step.
    """

    section: Section
    name: str
    _: KW_ONLY
    asks: Mapping[str, str] = field(default_factory=dict)
    does: Sequence[str] = ()
    todo: Sequence[str] = ()
    schedule: str = ""
    told: Sequence[str] = ()
    under: str = ""

    def deeds(self, today: date) -> list[str]:
        """What it does, with the dates that are meant today."""
        week_ago = (today - timedelta(days=7)).isoformat()
        return [one.replace(WEEK_AGO, week_ago) for one in self.does]

    @property
    def actions(self) -> frozenset[str]:
        """The names of what it does."""
        return frozenset(one.partition(" ")[0] for one in self.does)


symptom = partial(Step, Section.SYMPTOMS)
diagnosis = partial(Step, Section.DIAGNOSIS)
step = partial(Step, Section.STEPS)
prevention = partial(Step, Section.PREVENTION)


def numbered(steps: Iterable[Step], section: Section) -> list[tuple[str, Step]]:
    """The lines of one section with their numbers: 1, 2, then 3a and 3b of one step."""
    mine = [one for one in steps if one.section is section]
    groups = groupby(enumerate(mine), key=lambda pair: pair[1].under or pair[0])
    found: list[tuple[str, Step]] = []
    for number, (_, group) in enumerate(groups, start=1):
        lines = [one for _, one in group]
        letters = ascii_lowercase if lines[0].under else [""]
        found += [(f"{number}{letter}", one) for letter, one in zip(letters, lines, strict=False)]
    return found


def said(page: int, alert_id: int) -> str:
    """How a button on a runbook's page or on a card asks; what follows is the question.

    The audit log keeps it so, and what was asked is ticked.
    """
    return f"look {page} {alert_id} "
