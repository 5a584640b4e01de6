"""Tells systemd how the assistant is: ready, alive, stopping (sd_notify(3), `Type=notify`)."""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.core.ports import Store

log = logging.getLogger(__name__)

SLOW = 10.0  # seconds the tables may take to answer


def tell(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send one line, such as READY=1; false: nobody asked for it, or nobody hears it."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out,
    ):
        out.sendto(state.encode(), address)
        return True
    return False


def watched(environ: Mapping[str, str] = os.environ) -> float | None:
    """Seconds after which systemd takes silence for death; None: it does not watch us."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    digits = environ.get("WATCHDOG_USEC", "")
    return int(digits) / 1e6 if digits.isascii() and digits.isdigit() and int(digits) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignsOfLife:
    """Sends WATCHDOG=1 from the event loop, and only while the state tables answer.

    A blocked loop sends nothing, and neither does one whose tables hang: systemd then starts
    the assistant anew.
    """

    store: Store
    every: float  # seconds until systemd gives up on us
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    tell: Callable[[str], bool] = tell
    slow: float = SLOW

    async def run(self) -> None:
        while True:
            await self.look()
            await self.sleep(self.every / 3)

    async def look(self) -> bool:
        try:
            async with asyncio.timeout(self.slow):
                await self.store.read(lambda _tx: None)
        except Exception:
            log.exception("the state tables do not answer")
            return False
        return self.tell("WATCHDOG=1")
