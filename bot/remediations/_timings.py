"""Named questions, timed before and after work on the shop's database."""

import asyncio
import time
from datetime import timedelta
from typing import Final

from bot.core.job import Job
from bot.core.model import Json, Unreadable
from bot.core.tools import ActionTools

QUESTIONS: Final = ("sold_lately", "day_rows", "reconciled")
LIMIT: Final = 2.0  # seconds for each: a pre-flight has fifteen for everything
WEEK: Final = timedelta(days=7)


async def timings(tools: ActionTools, job: Job) -> dict[str, Json]:
    """Milliseconds of each; None: it took longer than its limit. What cannot be asked is left out.

    A database without the view of commissions, say, has no time of that question.
    """
    today = job.moment.today
    span = {"since": (today - WEEK).isoformat(), "until": today.isoformat()}
    found: dict[str, Json] = {}
    for name in QUESTIONS:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(LIMIT):
                await tools.shop.rows(f"remediations/{name}.sql.j2", **span)
        except TimeoutError:
            found[name] = None
        except Unreadable:
            continue
        else:
            found[name] = round(1000 * (time.perf_counter() - began), 1)
    return found
