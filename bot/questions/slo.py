"""How often the promises were kept, what may still go wrong, and how fast that is spent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.keyboard import Key
from bot.core.model import phrase
from bot.core.params import Param
from bot.core.params import days as days_param
from bot.core.question import Asking, Chart, Command, Page
from bot.core.slo import Burn, Level, Tally
from bot.core.slo_report import SloReport
from bot.core.verbs import Verb

ALL = "all"
NAMES = ("ingest", "scheduler", "latency")
SPANS = (7, 30, 90)
MOST_SUBJECTS = 12
HARDLY = 1e-6


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole events, or rounds put together from parts; a part of a bad one is a bad one."""

    name: str
    good: int
    bad: int
    unknown: int

    @property
    def known(self) -> int:
        return self.good + self.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    level: Level
    counts: Counts
    subjects: Sequence[Counts]
    more: int  # subjects that are not shown
    burns: Sequence[Burn]  # those that are known


def command() -> Command:
    return Command(
        name="slo",
        about="Service levels: promises kept, error budget, burn rate (30 days, or as you say)",
        read=read,
        params=[days_param(30), Param(name="what", default=ALL, words=(*NAMES, ALL))],
        place=72,
        runbooks=[1, 2, 6],
    )


async def read(asking: Asking) -> Page:
    days, what = asking.number("days"), asking.word("what")
    report = SloReport(
        book=asking.book, tools=asking.tools, store=asking.store, interval=asking.interval
    )
    first = asking.moment.today - timedelta(days=days - 1)
    levels = await report.levels(
        asking.moment, first, asking.moment.today, only=None if what == ALL else what
    )
    levels = sorted(levels, key=lambda level: NAMES.index(level.name))
    return Page(
        template="answers/slo.html.j2",
        values={"days": days, "views": [view(level) for level in levels]},
        keys=_keys(days, what),
        chart=_chart(levels, [(first + timedelta(days=n)).isoformat() for n in range(days)]),
    )


def view(level: Level) -> View:
    named = [counts(name, one) for name, one in level.subjects.items()]
    named.sort(key=lambda one: (-one.bad, one.name))
    return View(
        level=level,
        counts=counts(level.title, level.tally),
        subjects=named[:MOST_SUBJECTS] if len(named) > 1 else [],
        more=max(0, len(named) - MOST_SUBJECTS),
        burns=[one for one in level.burns if one.rate is not None],
    )


def counts(name: str, tally: Tally) -> Counts:
    return Counts(
        name=name,
        good=math.floor(tally.good + HARDLY),
        bad=math.ceil(tally.bad - HARDLY),
        unknown=round(tally.unknown),
    )


def _keys(days: int, what: str) -> list[list[Key]]:
    spans = [Key(f"{span} days", Verb.ASK, f"slo {span} {what}") for span in SPANS if span != days]
    topics = {ALL: "All", "ingest": "Ingest", "scheduler": "Scheduler", "latency": "Latency"}
    others = [
        Key(label, Verb.ASK, f"slo {days} {name}")
        for name, label in topics.items()
        if name != what
    ]
    return [others, spans]


def _chart(levels: Sequence[Level], days: Sequence[str]) -> Chart | None:
    """What was left of each budget; None where nothing is known or one day makes no line."""
    known = [level for level in levels if level.tally.known]
    if not known or len(days) == 1:
        return None
    return Chart(
        title=phrase("chart_slo", days=len(days)),
        unit="%",
        days=days,
        lines={f"chart_slo_{level.name}": level.left_by_day for level in known},
        limit=0,
    )
