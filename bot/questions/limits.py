"""Whether the marketplaces slow us down: answers 429 by hour, counters, lines of logs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.keyboard import Key
from bot.core.log_reading import Entry, bare, entries, grouped, matching
from bot.core.machine import LogLines
from bot.core.model import Phrase, Role, Unreadable
from bot.core.ports import Tx
from bot.core.question import Asking, Command, Page
from bot.core.series import Stretch, name_of
from bot.core.tools import Sample, Service
from bot.core.verbs import Verb
from bot.questions._services import LOG_LINES
from bot.questions.metrics import Row, rows

CHECK = "check_ingest_success_rate"
HOURS = 24
HOUR_SEC = 3600
MOST = 8
WORD = "rate"
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Answers 429 of one marketplace by hour, oldest first; None: nobody looked."""

    name: str
    limited: Sequence[float | None]
    calls: float

    @property
    def total(self) -> float:
        return sum(one or 0 for one in self.limited)

    @property
    def bars(self) -> str:
        """A sign for each hour: how many 429, or that none was seen, or that nobody looked."""
        top = max((one or 0 for one in self.limited), default=0)
        return "".join(_bar(one, top) for one in self.limited)


def _bar(count: float | None, top: float) -> str:
    if count is None:
        return "?"
    if count <= 0:
        return "·"
    return BARS[min(len(BARS) - 1, int(count / top * (len(BARS) - 1)))]


def command() -> Command:
    return Command(
        name="limits",
        about="Rate limits: answers 429 by hour, pauses, counters, log lines",
        read=read,
        place=53,
        runbooks=[2],
    )


async def read(asking: Asking) -> Page:
    now = asking.moment.now
    hours = await asking.store.read(lambda tx: _hours(tx, now))
    counters, blind = await _counters(asking)
    log, mute = await _log(asking)
    # Beside the event loop: a day of a log is long.
    about = await asyncio.to_thread(_about_rates, log) if log else []
    reads = Role.MANAGER.rank <= (asking.who.role or Role.VIEWER).rank
    pauses = await asking.tools.markets.pauses(now)
    return Page(
        template="answers/limits.html.j2",
        values={
            "hours": hours,
            "counters": counters[:MOST],
            "more_counters": max(0, len(counters) - MOST),
            "blind": blind,
            "log": log,
            "found": sum(one.count for one in about),
            "lines": _shown(about) if reads else None,
            "mute": mute,
            "pauses": pauses,
        },
        keys=[[Key("Check keys", Verb.ASK, "tokens live"), Key("Look again", Verb.ASK, "limits")]],
    )


def _hours(tx: Tx, now: datetime) -> list[Hours]:
    """The last 24 hours as the rounds of the ingest check counted them."""
    until = now + timedelta(seconds=1)
    since = now - timedelta(hours=HOURS)

    def stretches(fact: str, name: str) -> Sequence[Stretch]:
        series = name_of(CHECK, fact)
        return tx.series.stretches(series, name, since=since, until=until, seconds=HOUR_SEC)

    first = int(since.timestamp()) // HOUR_SEC + 1
    found = []
    for name in tx.series.subjects(name_of(CHECK, "calls")):
        limited = {one.at // HOUR_SEC: one.total for one in stretches("calls_limited", name)}
        found.append(
            Hours(
                name=name,
                limited=[limited.get(first + n) for n in range(HOURS)],
                calls=sum(one.total for one in stretches("calls", name)),
            )
        )
    return found


async def _counters(asking: Asking) -> tuple[list[Row], Phrase | None]:
    """Whatever the web API exports about limits, and its own count of 429."""
    try:
        named = await asking.tools.web.metrics("rate_limit")
        calls = await asking.tools.web.scrape(["external_api_requests_total"])
    except Unreadable as unreadable:
        return [], unreadable.why
    told = [one for one in named if not one.name.endswith(("_bucket", "_created"))]
    return [*rows(_named(told)), *_by_service(calls)], None


def _named(samples: Sequence[Sample]) -> list[Sample]:
    """A row is known by its metric and its labels."""
    return [Sample(one.name, {"name": one.name, **one.labels}, one.value) for one in samples]


def _by_service(calls: Sequence[Sample]) -> list[Row]:
    counts: dict[str, float] = {}
    for one in calls:
        if one.labels.get("status") == "429":
            service = one.labels.get("service", "?").upper()
            counts[service] = counts.get(service, 0.0) + one.value
    return [Row(f"429 from {name}", count) for name, count in sorted(counts.items())]


async def _log(asking: Asking) -> tuple[LogLines | None, Phrase | None]:
    """What the scheduler wrote in a day, or why that cannot be read."""
    since = asking.moment.now - timedelta(hours=HOURS)
    try:
        return await asking.tools.logs.lines(Service.SCHEDULER, since, most=LOG_LINES), None
    except Unreadable as unreadable:
        return None, unreadable.why


def _about_rates(log: LogLines) -> list[Entry]:
    """What it says about rates; the same line is counted, not repeated."""
    return grouped(matching(entries(log.lines), WORD))


def _shown(about: Sequence[Entry]) -> list[Mapping[str, object]]:
    """The last of them, for those who may read logs."""
    return [
        {"text": bare(one.text), "count": one.count, "last_at": one.last_at}
        for one in about[-MOST:][::-1]
    ]
