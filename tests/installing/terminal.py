"""A person at a terminal of a box: sees what is asked, and types."""

import asyncio
import os
import pty
import signal
from collections.abc import Sequence
from types import TracebackType
from typing import Self

PATIENCE = 60.0


class Terminal:
    """`async with Terminal(command) as terminal:` runs it at a terminal of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self.seen = ""
        self._command = command
        self._looked = 0  # up to here it was seen and answered
        self._news = asyncio.Event()
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._master, slave = pty.openpty()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd="/",
            start_new_session=True,
        )
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    async def sees(self, text: str) -> None:
        """Wait for words that were not there when the last answer was given."""
        try:
            async with asyncio.timeout(PATIENCE):
                while text not in self.seen[self._looked :]:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise AssertionError(f"{text!r} did not come:\n{self.seen}") from error

    async def types(self, line: str) -> None:
        self._looked = len(self.seen)
        os.write(self._master, f"{line}\n".encode())

    async def answers(self, question: str, line: str) -> None:
        await self.sees(question)
        await self.types(line)

    async def ends(self) -> int:
        """Wait for the end; its exit code."""
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    def _read(self) -> None:
        try:
            more = os.read(self._master, 4096)
        except OSError:  # the other side has ended
            more = b""
        if not more:
            asyncio.get_running_loop().remove_reader(self._master)
        self.seen += more.decode(errors="replace")
        self._news.set()
