"""Which other programs hold a file open, as far as we are allowed to see."""

import os
from pathlib import Path

import psutil


def holders(path: Path) -> list[str]:
    """Such as `["python3 (4121)"]`; programs of other users are not seen without root."""
    wanted = str(path.resolve())
    return [
        f"{process.info['name']} ({process.pid})"
        for process in psutil.process_iter(["name"])
        if process.pid != os.getpid() and _holds(process, wanted)
    ]


def _holds(process: psutil.Process, wanted: str) -> bool:
    try:
        return any(file.path == wanted for file in process.open_files())
    except (psutil.Error, OSError):
        return False
