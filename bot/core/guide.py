"""A runbook's page before it is written: its lines, their ticks, the alert that they are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core import deeds, timetable
from bot.core.book import Book
from bot.core.deeds import Tick
from bot.core.model import Alert, phrase
from bot.core.params import WrongArguments
from bot.core.ports import Tx
from bot.core.question import Asking
from bot.core.runbook import Runbook
from bot.core.steps import Section, Step, diagnosis, numbered
from bot.core.todo import Item

CONTACTS: Final = "contacts"
PAGES: Final = (*(str(one) for one in Section), CONTACTS)
SHOWN: Final = 3  # ticks of one line
DIAGNOSE: Final = "diagnose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page. `mark` is its number; the check's own diagnosis has none."""

    mark: str
    step: Step
    text: str = ""
    heading: str = ""  # above it, where it is the first part of a step
    ticks: Sequence[Tick] = ()
    items: Sequence[Item] = ()  # of the checklist, the latest first
    next_at: datetime | None = None
    planned: str = ""  # the title of what the calendar does; empty: nothing

    @property
    def latest(self) -> Sequence[Tick]:
        return self.ticks[:SHOWN]


async def find(asking: Asking, number: int, alert_id: int) -> tuple[Runbook, list[Alert]]:
    """The runbook, and its alerts: the one that is meant first, else the worst that is open."""
    book = asking.book
    known = {runbook.number: runbook for runbook in book.runbooks.values()}
    if number not in known:
        usage = asking.commands["runbook"].usage
        raise WrongArguments(phrase("usage_number", usage=usage, name="n", low=1, high=max(known)))

    def look(tx: Tx) -> list[Alert]:
        found = open_of(tx, book, number)
        if not alert_id:
            return found
        meant = tx.alerts.get(alert_id)
        its = book.known.get(meant.check) if meant is not None else None
        if meant is None or its is None or its.page != number:
            raise WrongArguments(phrase("alert_unknown", alert=alert_id))
        return [meant, *(one for one in found if one.id != alert_id)]

    return known[number], await asking.store.read(look)


def open_of(tx: Tx, book: Book, number: int) -> list[Alert]:
    """The open alerts that are read with this runbook, the worst and oldest first."""
    names = [name for name, one in book.known.items() if one.page == number]
    found = [alert for name in names for alert in tx.alerts.open(name)]
    return sorted(found, key=lambda one: (-one.severity.rank, one.opened_at, one.id))


async def lines(
    asking: Asking, runbook: Runbook, alert: Alert | None
) -> Mapping[str, Sequence[Line]]:
    """All lines of the runbook by section, with what was done of them for this alert."""
    book, now, steps = asking.book, asking.moment.now, runbook.steps
    own = diagnosis(DIAGNOSE, asks={runbook.diagnose.label: runbook.diagnose.name})

    def look(tx: Tx) -> tuple[deeds.Deeds, dict[str, datetime | None]]:
        done = deeds.of(tx, alert, runbook.number) if alert else deeds.loose(tx, steps)
        planned = timetable.known(tx, book, now) if any(one.schedule for one in steps) else []
        return done, {entry.name: entry.next_at for entry, _ in planned}

    done, due = await asking.store.read(look)

    def line(mark: str, step: Step, before: Step | None) -> Line:
        first = bool(step.under) and (before is None or before.under != step.under)
        plan = book.plans.known.get(step.schedule)
        return Line(
            mark=mark,
            step=step,
            text=asking.wording.guide(runbook, step.name) if mark else "",
            heading=asking.wording.guide(runbook, step.under) if first else "",
            ticks=done.ticks(step, book.remediations),
            items=[one for one in reversed(done.items) if one.step in step.todo],
            next_at=due.get(step.schedule),
            planned=plan.title if plan else "",
        )

    found: dict[str, Sequence[Line]] = {}
    for section in Section:
        pairs = numbered(steps, section)
        befores = [None, *(one for _, one in pairs)]
        mine = [line(*pair, before) for pair, before in zip(pairs, befores, strict=False)]
        found[section] = [line("", own, None), *mine] if section is Section.DIAGNOSIS else mine
    return found


def done(found: Mapping[str, Sequence[Line]]) -> tuple[int, int, int]:
    """How many of the steps are done and under way, of how many."""
    steps = found[Section.STEPS]
    finished = sum(deeds.did_it(one.step, one.ticks) for one in steps)
    begun = {*deeds.UNDER_WAY, deeds.Mark.LISTED}
    busy = sum(any(tick.mark in begun for tick in one.ticks) for one in steps)
    return finished, busy, len(steps)
