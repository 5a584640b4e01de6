"""What jobs started by hand share: nothing may run already, and a setting says how."""

from datetime import date, datetime, timedelta
from typing import Final

from bot.core import way_clear
from bot.core.model import Facts, Row, Unreadable, phrase
from bot.core.runbook import Refused
from bot.core.tools import ActionTools, ShopDatabase
from bot.core.values import number

LOCK: Final = "shop jobs"  # one at a time: two collectors would fetch the same days twice
STILL_RUNNING: Final = timedelta(hours=6)  # an older run without an end was killed
ONE_DAY: Final = timedelta(days=1)


async def refusal(tools: ActionTools, job: str, now: datetime) -> Refused | None:
    """Why this job cannot be started now; None: it can."""
    if not tools.jobs.offered(job):
        return Refused(phrase("job_not_set", setting=f"JOB_{job.upper()}"))
    running = await running_jobs(tools.shop, now, STILL_RUNNING)
    return Refused(phrase("job_running", jobs=", ".join(running))) if running else None


async def gone_round(tools: ActionTools, needs: Facts, now: datetime) -> Facts | Refused:
    """What work that locks the database `needs`, where no job of the scheduler is in its way.

    `jobs_seen` is false where that could not be looked at; people are told so, and decide.
    """
    if not needs["locks_writers"]:
        return needs
    way = await way_clear.look(tools, now, number(needs["about_seconds"]) or 0.0)
    return Refused(way.why) if way.why else {**needs, "jobs_seen": way.known}


async def running_jobs(shop: ShopDatabase, now: datetime, within: timedelta) -> list[str] | None:
    """Jobs that began so lately and have no end; None where no list of them is kept."""
    since = (now - within).strftime("%Y-%m-%d %H:%M:%S")
    try:
        rows = await shop.rows("remediations/running_jobs.sql.j2", since=since)
    except Unreadable:
        return None
    return [str(row["job_name"]) for row in rows]


async def rows_by_marketplace(shop: ShopDatabase, day: date) -> dict[str, int]:
    """How many sales each marketplace has on that day; those that sold lately count with 0."""
    lately = await shop.rows(
        "remediations/sold_lately.sql.j2",
        since=(day - timedelta(days=14)).isoformat(),
        until=day.isoformat(),
    )
    found = await shop.rows(
        "remediations/day_rows.sql.j2",
        since=day.isoformat(),
        until=(day + ONE_DAY).isoformat(),
    )
    names = {str(row["marketplace"]): 0 for row in lately}
    return {**names, **{str(row["marketplace"]): _whole(row) for row in found}}


def _whole(row: Row) -> int:
    value = row["row_count"]
    return int(value) if isinstance(value, int | float) else 0
