"""The demo's processes: each with a log, ended with all it has started."""

import asyncio
import re
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

_LISTENING = re.compile(r"^listening on (http://127\.0\.0\.1:\d+)", re.MULTILINE)
_LOOK_EVERY = 0.05
_LOOK_AGAIN = 0.01


class DemoError(Exception):
    """The demo cannot go on; the message is for the person at the terminal."""


@dataclass(slots=True)
class Child:
    """A process. `wanted` turns false when its end is our own doing."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    log_start: int
    wanted: bool = True

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], *, env: Mapping[str, str], folder: Path
    ) -> Self:
        """Start `python …`, tied to this process, in a group that Ctrl-C does not reach."""
        log = folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            start = output.tell()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "demo.lifeline", sys.executable, *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(env),
                cwd=folder,
                start_new_session=True,
            )
        return cls(name, process, log, start)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def output(self) -> str:
        """Return what it has written since it was started."""
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def obituary(self, lines: int = 15) -> str:
        last = "\n".join(f"    {line}" for line in self.output().splitlines()[-lines:])
        code = self.process.returncode
        return f"{self.name} has ended (exit code {code}). Its last lines ({self.log}):\n{last}"

    async def address(self, patience: float = 20.0) -> str:
        """Wait for its line `listening on http://127.0.0.1:PORT`."""
        try:
            async with asyncio.timeout(patience):
                while not (found := _LISTENING.search(self.output())):
                    self.must_live()
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError as error:
            raise DemoError(f"{self.name} does not answer; see {self.log}") from error
        return found[1]

    def must_live(self) -> None:
        if not self.alive:
            raise DemoError(self.obituary())

    async def stop(self, patience: float = 15.0) -> int:
        """End it with SIGTERM, and whatever is left after `patience` with SIGKILL."""
        self.wanted = False
        family = self.family()
        if self.alive:
            self.process.terminate()
        try:
            async with asyncio.timeout(patience):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
        code = await self.process.wait()
        await asyncio.to_thread(_bury, family)
        return code

    async def cut(self) -> None:
        """End it by SIGKILL, and all that it has started by SIGTERM."""
        family = self.family()
        await self.kill()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.terminate()
        await asyncio.to_thread(_bury, family)

    async def kill(self) -> None:
        """Do as `kill -9` does."""
        self.wanted = False
        if self.alive:
            self.process.kill()
        await self.process.wait()

    def family(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


def _bury(family: Sequence[psutil.Process]) -> None:
    """Kill what outlived its parent; psutil tells a reused pid from the process it knew."""
    for process in _left(family):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _left(family)


def _left(family: Sequence[psutil.Process], patience: float = 3.0) -> list[psutil.Process]:
    """Those that still live after `patience`. A dead orphan waits for somebody to take note."""
    end = time.monotonic() + patience
    while (left := [process for process in family if _lives(process)]) and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
