"""What is done by the clock: the calendar first, checks and jobs on pages of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core import timetable
from bot.core.keyboard import Colour, Key
from bot.core.model import Row, Unreadable, phrase
from bot.core.params import Param
from bot.core.planned import Entry, Planned
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page
from bot.core.records import Run
from bot.core.verbs import Verb
from bot.questions import _expected

NEXT_TIMES = 3
IN_A_ROW = 2
CALM = {"ok", "never"}  # states of a job that is waited for
CHECKS, JOBS = "checks", "jobs"  # pages beside the calendar
ALL = Key("Schedule", Verb.ASK, "schedule")
OF_CHECKS = Key("Checks", Verb.ASK, f"schedule {CHECKS}")
OF_JOBS = Key("Jobs", Verb.ASK, f"schedule {JOBS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`run` is the action it started, with how that ended."""

    planned: Planned
    entry: Entry
    run: Run | None
    label: str | None


def command() -> Command:
    return Command(
        name="schedule",
        about="What is done by the clock: calendar, checks, jobs; when next, last outcome",
        read=read,
        params=[Param(name="name", default="", pattern=r"[a-z_]{1,32}", like="brief")],
        place=73,
        runbooks=[6],
        table=table,
    )


async def read(asking: Asking) -> Page:
    wanted = asking.word("name")
    if wanted == CHECKS:
        return await _checks(asking)
    if wanted == JOBS:
        return await _jobs(asking)
    lines = await _lines(asking)
    if not wanted:
        return await _calendar(asking, lines)
    one = _one(lines, wanted)
    start = one.planned.now or Key("Run now", Verb.NOW, one.planned.name, Colour.PRIMARY)
    return Page(
        template="answers/schedule_one.html.j2",
        values={
            "one": one,
            "zone": asking.book.plans.zone,
            "times": times(one, asking.moment.now),
        },
        keys=[[start, ALL]],
        files=False,
    )


async def _calendar(asking: Asking, lines: Sequence[Line]) -> Page:
    items = await asking.store.read(lambda tx: tx.todos.open())
    checks, heartbeats = await _expected.checks(asking), await _expected.heartbeats(asking)
    keys = [Key(one.planned.title, Verb.ASK, f"schedule {one.planned.name}") for one in lines]
    rows = [keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)]
    return Page(
        template="answers/schedule.html.j2",
        values={
            "lines": lines,
            "zone": asking.book.plans.zone,
            "step": min(items, key=lambda one: one.remind_at, default=None),
            "checks": checks,
            "next_round": min((one.next_at for one in checks if one.next_at), default=None),
            "beats": heartbeats,
            "next_beat": next((one for one in heartbeats if one.state in CALM), None),
        },
        keys=[*rows, [OF_CHECKS, OF_JOBS]],
        files=False,
    )


async def _checks(asking: Asking) -> Page:
    return Page(
        template="answers/schedule_checks.html.j2",
        values={"checks": await _expected.checks(asking), "zone": asking.moment.zone.key},
        keys=[[ALL, OF_JOBS]],
        files=False,
    )


async def _jobs(asking: Asking) -> Page:
    return Page(
        template="answers/schedule_jobs.html.j2",
        values={
            "shop": await _expected.shop_jobs(asking),
            "beats": await _expected.heartbeats(asking),
            "most": _expected.MOST,
            "zone": asking.moment.zone.key,
        },
        keys=[[ALL, OF_CHECKS]],
        files=False,
    )


async def table(asking: Asking) -> Sequence[Row]:
    return [
        {
            "name": one.planned.name,
            "when": one.planned.when.text if one.planned.when else "off",
            "next": one.entry.next_at.isoformat() if one.entry.next_at else None,
            "last": one.entry.ended_at.isoformat() if one.entry.ended_at else None,
            "result": one.entry.result,
            "why": one.entry.why.key if one.entry.why else None,
        }
        for one in await _lines(asking)
    ]


def times(one: Line, now: datetime) -> list[datetime]:
    """The next times, by the calendar; what waits or is tried again comes before them."""
    if one.planned.when is None:
        return []
    found = [one.entry.next_at or now]
    while len(found) < NEXT_TIMES:
        found.append(one.planned.when.due(max(found[-1], now)))
    return found


async def _lines(asking: Asking) -> list[Line]:
    now, book = asking.moment.now, asking.book

    def look(tx: Tx) -> list[Line]:
        found = []
        for entry, _ in timetable.known(tx, book, now):
            run = tx.runs.get(entry.run_id) if entry.run_id is not None else None
            label = book.label(run.action) if run else None
            planned = book.plans.known[entry.name]
            found.append(Line(planned=planned, entry=entry, run=run, label=label))
        return found

    lines = await asking.store.read(look)
    # The next first, what is switched off last.
    return sorted(
        lines,
        key=lambda one: (one.entry.next_at is None, one.entry.next_at or now, one.entry.name),
    )


def _one(lines: Sequence[Line], wanted: str) -> Line:
    found = [one for one in lines if one.planned.name == wanted]
    if not found:
        names = [one.planned.name for one in lines]
        raise Unreadable(phrase("schedule_unknown", name=wanted, known=names))
    return found[0]
