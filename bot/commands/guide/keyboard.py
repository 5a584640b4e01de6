"""Lines from a person at a terminal; a secret is typed unseen."""

import asyncio
import os
import termios
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

MOST_BYTES = 4096


class Keys(Protocol):
    async def line(self) -> str:
        """Wait for one line. Raises `EOFError` where no more will come."""
        ...

    def unseen(self) -> AbstractContextManager[None]:
        """Show nothing of what is typed in the block."""
        ...


class Keyboard:
    """Reads without blocking the loop: Telegram is listened to while a person thinks."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._read = bytearray()

    async def line(self) -> str:
        while b"\n" not in self._read:
            await self._more()
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read[:] = rest
        return line.decode(errors="replace").strip()

    async def _more(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)
        fresh = os.read(self._descriptor, MOST_BYTES)
        if not fresh:
            raise EOFError
        self._read += fresh

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """Switch the echo off, and on again whatever happens."""
        before = termios.tcgetattr(self._descriptor)
        quiet = termios.tcgetattr(self._descriptor)
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, quiet)
        try:
            yield
        finally:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, before)
