"""The service levels of all checks that promise something, from the shop and the kept rounds.

`SloReport.summary` is the JSON of SoVAni's `/api/v1/ops/slo?date_from&date_to`, `last_days` that
of its `/api/v1/ops/slo/summary?days=`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core import series, slo
from bot.core.book import Book
from bot.core.model import Json, Moment, Phrase, Unreadable
from bot.core.ports import Store
from bot.core.runbook import Runbook
from bot.core.slo import Level, Objective, Slice
from bot.core.tools import Tools

HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
FINE_SEC, COARSE_SEC = 300, 3600
BURN_SPAN = timedelta(hours=slo.WINDOWS[-1][0])
MOST_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Business days, both included, up to now at most."""

    days: Sequence[date]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SloReport:
    """`interval` is the pace of checks that have none of their own."""

    book: Book
    tools: Tools
    store: Store
    interval: timedelta

    async def levels(
        self, at: Moment, first: date, last: date, *, only: str | None = None
    ) -> list[Level]:
        """One for each objective, or for the one named `only`; in the order of the runbooks."""
        span = span_of(at, first, last)
        return [
            await self._level(runbook, runbook.objective, at, span)
            if runbook.enabled
            else _off(runbook, runbook.objective)
            for runbook in self.book.runbooks.values()
            if runbook.objective and only in {None, runbook.objective.name}
        ]

    async def last_days(self, at: Moment, days: int) -> dict[str, Json]:
        """The JSON of `slo/summary?days=`: so many business days, today included."""
        return await self.summary(at, at.today - (days - 1) * ONE_DAY, at.today)

    async def summary(self, at: Moment, first: date, last: date) -> dict[str, Json]:
        """The JSON of `slo?date_from&date_to`.

        What is not known has `null` for its figure and for `pass`; `overall_pass` is true only
        where every one of them passes: unknown is never taken for good. One that is switched off
        has `null` too and is left out of it, unless all are.
        """
        found = {level.name: level for level in await self.levels(at, first, last)}
        parts = {
            "ingest": _share(found.get("ingest")),
            "scheduler": _share(found.get("scheduler")),
            "api_latency": _time(found.get("latency")),
        }
        watched = [part["pass"] is True for part in parts.values() if not part.get("off")]
        return {
            "status": "ok",
            "d_from": first.isoformat(),
            "d_to": last.isoformat(),
            "days_analyzed": (last - first).days + 1,
            **parts,
            "overall_pass": all(watched) if watched else False,
        }

    async def _level(
        self, runbook: Runbook, objective: Objective, at: Moment, span: Span
    ) -> Level:
        why: Phrase | None = None
        slices: list[Slice] = []
        p95_ms: float | None = None
        try:
            slices, lately = await self._slices(runbook, objective, at, span)
            p95_ms = await self._p95(runbook, objective, span)
        except Unreadable as unreadable:
            why, lately = unreadable.why, []
        found = slo.tally(slices)
        target = objective.target_pct
        return Level(
            name=objective.name,
            title=runbook.title,
            target_pct=target,
            tally=found,
            subjects=slo.by_subject(slices),
            budget=slo.budget(found, target),
            burns=slo.burns(lately, target, at.now),
            left_by_day=slo.left_by_day(slices, span.days, target, at.zone),
            p95_ms=p95_ms,
            limit_ms=objective.limit_ms,
            why=why,
        )

    async def _slices(
        self, runbook: Runbook, objective: Objective, at: Moment, span: Span
    ) -> tuple[list[Slice], list[Slice]]:
        """Those of the span, and finer ones of the last three days."""
        recent = at.now - BURN_SPAN
        if objective.events is None:
            return (
                await self._rounds(runbook, objective, span.since, span.until, COARSE_SEC),
                await self._rounds(runbook, objective, recent, at.now, FINE_SEC),
            )
        since = min(recent, span.since)
        events = await objective.events(self.tools, since, at.now, at.zone)
        inside = [one for one in events if span.since <= one.at < span.until]
        return inside, list(events)

    async def _rounds(
        self,
        runbook: Runbook,
        objective: Objective,
        since: datetime,
        until: datetime,
        seconds: int,
    ) -> list[Slice]:
        name, subject = series.name_of(runbook.name), objective.subject
        kept = await self.store.read(
            lambda tx: tx.series.stretches(
                name, subject, since=since, until=until, seconds=seconds
            )
        )
        every = runbook.every or self.interval
        return slo.of_rounds(kept, subject, since=since, until=until, seconds=seconds, every=every)

    async def _p95(self, runbook: Runbook, objective: Objective, span: Span) -> float | None:
        if objective.p95 is None:
            return None
        prefix = series.name_of(runbook.name, "buckets:")
        buckets = await self.store.read(
            lambda tx: tx.series.sums(prefix, since=span.since, until=span.until)
        )
        return await objective.p95(self.tools, span.since, span.until, buckets)


def _off(runbook: Runbook, objective: Objective) -> Level:
    nothing = slo.tally(())
    return Level(
        name=objective.name,
        title=runbook.title,
        target_pct=objective.target_pct,
        tally=nothing,
        subjects={},
        budget=slo.budget(nothing, objective.target_pct),
        burns=(),
        left_by_day=(),
        limit_ms=objective.limit_ms,
        off=runbook.switch,
    )


def span_of(at: Moment, first: date, last: date) -> Span:
    """Days that have not begun yet are left out; of today there is what has passed."""
    last = min(last, at.today)
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    since = datetime.combine(first, time(), at.zone)
    until = datetime.combine(last + ONE_DAY, time(), at.zone)
    return Span(days=days, since=min(since, at.now), until=min(until, at.now))


def _switch(level: Level) -> dict[str, Json]:
    return {"off": True} if level.off else {}


def _share(level: Level | None) -> dict[str, Json]:
    if level is None:
        return {"pass": None, "actual_pct": None, "target_pct": None}
    return {
        **_switch(level),
        "pass": level.passed,
        "actual_pct": level.tally.pct,
        "target_pct": level.target_pct,
    }


def _time(level: Level | None) -> dict[str, Json]:
    if level is None or level.p95_ms is None or level.limit_ms is None:
        limit = level.limit_ms if level else None
        off = _switch(level) if level else {}
        return {**off, "pass": None, "actual_p95_ms": None, "target_p95_ms": limit}
    return {
        "pass": level.p95_ms <= level.limit_ms,
        "actual_p95_ms": level.p95_ms,
        "target_p95_ms": level.limit_ms,
    }
