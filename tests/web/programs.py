"""Programs of other people, run for a test and ended with it."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

PATIENCE = 30.0


@asynccontextmanager
async def running(program: str, *words: str, log: Path) -> AsyncIterator[None]:
    """Run a program of Debian's; it ends with the block, and with us if we are killed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (a package of Debian's)")
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "demo.lifeline", found, *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield
        assert process.returncode is None, f"{program} has ended by itself"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        sys.stderr.write(await asyncio.to_thread(log.read_text))  # shown if the test fails


async def until(what: str, look: Callable[[], Awaitable[object]]) -> None:
    """Wait for a condition in another process: it cannot tell us."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await look():  # noqa: ASYNC110  # see above
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise AssertionError(f"it did not come to it: {what}") from error
