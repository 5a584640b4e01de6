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
TIMES: Final = 3  # right after a rewrite the first one reads from the disk
WEEK: Final = timedelta(days=7)


async def timings(tools: ActionTools, job: Job) -> dict[str, Json]:
    """Milliseconds of each, the fastest of a few times; None: not even once within its limit.

    What cannot be asked is left out: a database without the view of commissions, say.
    """
    today = job.moment.today
    span = {"since": (today - WEEK).isoformat(), "until": today.isoformat()}
    found: dict[str, Json] = {}
    for name in QUESTIONS:
        seconds: list[float] = []
        try:
            async with asyncio.timeout(LIMIT):
                for _ in range(TIMES):
                    began = time.perf_counter()
                    await tools.shop.rows(f"remediations/{name}.sql.j2", **span)
                    seconds.append(time.perf_counter() - began)
        except TimeoutError:
            pass
        except Unreadable:
            continue
        found[name] = round(1000 * min(seconds), 1) if seconds else None
    return found
