"""What the ingest check promises: each day's sales come in, by a job that succeeds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.model import Row, Unreadable
from bot.core.slo import Slice
from bot.core.tools import Tools
from checks import _runs, _sales
from checks._runs import Outcome, Run
from checks._values import day

ONE_DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
USUAL_WEEKS: Final = 4  # a weekday without sales in all of them has none to wait for


async def read(  # noqa: PLR0913  # a span, its zone and the settings
    tools: Tools, since: datetime, until: datetime, zone: ZoneInfo, *, not_before: time, job: str
) -> list[Slice]:
    """One slice a day and marketplace, at the time when the day's sales were due."""
    days = _due_days(since, until, zone, not_before)
    due = {one: when for one, when in days.items() if since <= when < until}
    if not due:
        return []
    await tools.shop.require(_sales.NEEDS)
    rows = await tools.shop.rows(
        "ingest_success_rate/days.sql.j2",
        first=(min(due) - USUAL_WEEKS * WEEK).isoformat(),
        until=(max(due) + ONE_DAY).isoformat(),
    )
    return slices(due, rows, await _nights(tools, job, since))


def _due_days(
    since: datetime, until: datetime, zone: ZoneInfo, not_before: time
) -> dict[date, datetime]:
    first = since.astimezone(zone).date() - 2 * ONE_DAY
    count = (until.astimezone(zone).date() - first).days + 1
    days = [first + n * ONE_DAY for n in range(count)]
    return {one: datetime.combine(one + ONE_DAY, not_before, zone) for one in days}


async def _nights(tools: Tools, job: str, since: datetime) -> dict[date, Outcome]:
    """How the collector's last finished run of each day went; older releases do not know."""
    try:
        await tools.shop.require(_runs.NEEDS)
        runs = await _runs.runs_since(tools, job, since - 2 * ONE_DAY)
    except Unreadable:
        return {}
    return last_of_day(runs)


def last_of_day(runs: Sequence[Run]) -> dict[date, Outcome]:
    """By UTC day; a night that failed and was caught up is a success."""
    return {run.started.date(): run.outcome for run in runs if run.outcome is not Outcome.RUNNING}


def slices(
    due: Mapping[date, datetime], rows: Sequence[Row], nights: Mapping[date, Outcome]
) -> list[Slice]:
    """`due`: when each day's sales were due. `rows`: marketplace, day, there."""
    there: dict[str, set[date]] = {}
    for row in rows:
        days = there.setdefault(str(row["marketplace"]), set())
        if row["there"] and (when := day(row["day"])):
            days.add(when)
    return [
        _slice(name, one, when, days, nights.get(one + ONE_DAY))
        for name, days in there.items()
        for one, when in sorted(due.items())
    ]


def _slice(
    marketplace: str, one: date, when: datetime, there: Collection[date], night: Outcome | None
) -> Slice:
    if one in there:
        failed = night is Outcome.FAILED  # what came may be a part
        return Slice(at=when, subject=marketplace, good=not failed, bad=failed)
    usual = any(one - n * WEEK in there for n in range(1, USUAL_WEEKS + 1))
    return Slice(at=when, subject=marketplace, bad=usual, unknown=not usual)
