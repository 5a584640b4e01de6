"""Work that refuses to end is left behind, also by the end of the program."""

import subprocess
import sys

STUBBORN = """
import asyncio
from bot.edges.bounded import Bounded

async def never():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def main():
    try:
        await Bounded(grace=0.01)("check_x", never, 0.01)
    except TimeoutError:
        print("too slow")

asyncio.run(main())
print("ended")
"""


def test_a_program_ends_though_a_check_of_it_never_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STUBBORN], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0
    assert done.stdout.split("\n")[:2] == ["too slow", "ended"]
