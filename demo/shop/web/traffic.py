"""The people who use the web API: a steady trickle of requests over real HTTP."""

import asyncio
import logging
from random import Random

import aiohttp

MOST_AT_ONCE = 60
_PATHS = (
    "/api/v1/sales",
    "/api/v1/sales?date_from=2020-01-01&date_to=2020-01-07",
    "/api/v1/inventory",
    "/api/v1/finance/cashflow",
    "/api/v1/finance/pnl",
    "/api/v1/reviews/pending",
)
_log = logging.getLogger("sovani.web")


async def browse(base: str, rate: float, rng: Random) -> None:
    """Send `rate` requests a second, whether or not earlier ones have been answered."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(base, timeout=timeout) as session,
        asyncio.TaskGroup() as group,
    ):
        room = asyncio.Semaphore(MOST_AT_ONCE)
        while True:
            await room.acquire()
            group.create_task(_visit(session, rng.choice(_PATHS), room))
            await asyncio.sleep(rng.expovariate(rate))


async def _visit(session: aiohttp.ClientSession, path: str, room: asyncio.Semaphore) -> None:
    try:
        async with session.get(path) as answer:
            await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        _log.debug("%s: %s", path, error)
    finally:
        room.release()
