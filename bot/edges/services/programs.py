"""Programs of the system, run with a fixed list of arguments and bounds on time and answer."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_SAID_BYTES: Final = 8_000
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"}  # ours has secrets in it


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is None where it was ended because it had said enough."""

    out: bytes
    said: str  # beside the answer
    code: int | None


async def run(argv: Sequence[str], *, most_bytes: int, seconds: float) -> Answer:
    """Run it to its end, or until it has said enough; it never outlives this call.

    Raises `TimeoutError`, and another `OSError` where it cannot be started.
    """
    async with asyncio.timeout(seconds):
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env={"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT},
        )
        assert process.stdout is not None  # noqa: S101  # both are pipes
        assert process.stderr is not None  # noqa: S101  # likewise
        try:
            out, said = await asyncio.gather(
                _capped(process.stdout, most_bytes), _capped(process.stderr, _SAID_BYTES)
            )
            enough = len(out) >= most_bytes
            code = None if enough else await process.wait()
            return Answer(out, said.decode(errors="replace"), code)
        finally:
            # Not process.kill(): it may reap the child before asyncio's own thread does.
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                await process.wait()


async def _capped(stream: asyncio.StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) < most and (chunk := await stream.read(65_536)):
        body += chunk
    return bytes(body[:most])
