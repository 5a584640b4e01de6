"""A whole shop with its chat in the browser: `python -m demo`. Ctrl-C ends it."""

import argparse
import asyncio
import signal
import sys
import time
import webbrowser
from pathlib import Path

from demo.children import DemoError
from demo.environment import ROOT
from demo.stage import Demo
from demo.upkeep import keep_alive

PAGE_PORT = 8765
OPENING = "full_of_free_pages"  # broken from the start, so that there is something to repair


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=PAGE_PORT, help="of the page (%(default)s)")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "demo", help="for its files")
    parser.add_argument("--fresh", action="store_true", help="build the shop's database anew")
    parser.add_argument("--calm", action="store_true", help="begin with nothing broken")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    parser.add_argument("--seconds", type=float, help="end by itself after so long")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    started = time.monotonic()
    say("Starting a shop, its chat and the assistant on this machine …")
    async with asyncio.TaskGroup() as group:
        show = group.create_task(_show(options, started))
        group.create_task(_end(show, ended))
        show.add_done_callback(lambda _: ended.set())
    say("Everything has ended.")


async def _end(show: asyncio.Task[None], ended: asyncio.Event) -> None:
    """Ctrl-C may come at any moment, while things still start too."""
    await ended.wait()
    if not show.done():
        say("\nEnding …")
        show.cancel()


async def _show(options: argparse.Namespace, started: float) -> None:
    async with Demo(
        options.folder, page_port=options.port, fresh=options.fresh, tell=lambda t: say(f"  ✓ {t}")
    ) as demo:
        if not options.calm:
            await demo.turn(OPENING, on=True)
        _invite(demo, time.monotonic() - started, calm=options.calm)
        if not options.no_open:
            await asyncio.to_thread(webbrowser.open, demo.url)
        try:
            async with asyncio.timeout(options.seconds):
                await keep_alive(demo, say)
        except TimeoutError:
            say(f"{options.seconds:.0f} s are over.")


def _invite(demo: Demo, seconds: float, *, calm: bool) -> None:
    line = f"   Open  {demo.url}   "
    say(f"\n┌{'─' * len(line)}┐\n│{line}│\n└{'─' * len(line)}┘")
    say(f"Ready in {seconds:.0f} s.")
    if not calm:
        say("Something is wrong already: in the chat “Shop team”, tap Run VACUUM and confirm.")
    say("Then break something else with the switches on the right, and repair it in the chat.")
    say(f"Logs: {demo.layout.folder / 'logs'}   End: Ctrl-C")


def main() -> int:
    try:
        asyncio.run(_run(_arguments()))
    except ExceptionGroup as group:
        expected, unexpected = group.split(DemoError)
        if unexpected:
            raise
        for error in expected.exceptions if expected else ():
            sys.stderr.write(f"\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
