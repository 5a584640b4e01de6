"""`python -m demo.telegram`: serve until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from demo.telegram.server import Emulator
from demo.telegram.world import DEMO_TOKEN, World, WorldError, demo_world, load_world


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--token", default=DEMO_TOKEN, help="the bot's token, <number>:<text>")
    parser.add_argument("--bot-username", default="sovani_ops_bot")
    parser.add_argument("--panel-url", default="", help="control of the demo shop: its switches")
    parser.add_argument("--world", type=Path, help="people and chats as JSON")
    return parser.parse_args()


def _world(options: argparse.Namespace) -> World:
    if not options.token.partition(":")[0].isdigit():
        raise WorldError("--token must look like 4200000000:letters")
    if options.world:
        return load_world(options.world, options.token, options.bot_username)
    return demo_world(options.token, options.bot_username)


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    world = _world(options)
    async with Emulator(world, port=options.port, panel_url=options.panel_url) as emulator:
        sys.stdout.write(f"listening on {emulator.url}\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> int:
    options = _arguments()
    try:
        asyncio.run(_serve(options))
    except (WorldError, OSError, OverflowError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
