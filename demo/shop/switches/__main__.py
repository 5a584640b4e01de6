"""`python -m demo.shop.switches --port N`: serves on 127.0.0.1 until SIGTERM.

Beside the switches it plays the marketplaces, Wildberries and Ozon in small.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys

from aiohttp import web

from demo import lifeline
from demo.shop.clock import utc_now
from demo.shop.marketplaces import Marketplaces
from demo.shop.settings import from_environment
from demo.shop.supervision import Supervisor
from demo.shop.switches.app import Panel, all_switches
from demo.shop.switches.base import Site

HOST = "127.0.0.1"


async def serve(port: int, site: Site, markets: Marketplaces) -> None:
    app = Panel(all_switches(site)).application()
    app.add_routes(markets.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port, shutdown_timeout=1).start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.write(f"listening on http://{HOST}:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    lifeline.hold()
    parser = argparse.ArgumentParser(prog="python -m demo.shop.switches", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    options, settings = parser.parse_args(), from_environment(os.environ)
    url = f"http://{HOST}:{settings.web_port}"
    site = Site(settings, url, Supervisor(os.environ["SUPERVISOR_URL"]), utc_now)
    keys = json.loads(os.environ.get("DEMO_MARKET_KEYS", "{}"))
    markets = Marketplaces(keys=keys, session_lost=settings.session_lost)
    asyncio.run(serve(options.port, site, markets))


if __name__ == "__main__":
    main()
