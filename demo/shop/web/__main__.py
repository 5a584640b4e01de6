"""`python -m demo.shop.web`: serves on 127.0.0.1 until SIGTERM."""

import asyncio
import logging
import os
import signal
import sys
import time
from random import Random

from aiohttp import web

from demo import lifeline
from demo.shop.clock import utc_now
from demo.shop.settings import Settings, from_environment
from demo.shop.web.app import build
from demo.shop.web.cache import Cache
from demo.shop.web.context import Context
from demo.shop.web.follower import follow
from demo.shop.web.metrics import Metrics
from demo.shop.web.traffic import browse

HOST = "127.0.0.1"


async def serve(settings: Settings) -> None:
    context = Context(settings, Cache(time.monotonic, Random()), Metrics(), utc_now)
    runner = web.AppRunner(build(context), access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, settings.web_port)
    await site.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    logging.getLogger("sovani.web").info("listening on %s", site.name)
    async with asyncio.TaskGroup() as group:
        work = [group.create_task(follow(context))]
        if settings.traffic > 0:
            base = f"http://{HOST}:{settings.web_port}"
            work.append(group.create_task(browse(base, settings.traffic, Random())))
        await stop.wait()
        for task in work:
            task.cancel()
    await runner.cleanup()


def main() -> None:
    lifeline.hold()
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(serve(from_environment(os.environ)))


if __name__ == "__main__":
    main()
