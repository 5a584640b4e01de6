"""One assistant on one state database: a second one would double every message and repair."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.core.model import Phrase, phrase


class AlreadyRunningError(RuntimeError):
    """Another process holds the state database."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


class SingleInstance:
    """An exclusive lock beside the state database; the kernel frees it however we die."""

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(state.name + ".lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            why = phrase("already_running", pid=holder, name=self._path.stem)
            raise AlreadyRunningError(why) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
