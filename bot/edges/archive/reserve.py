"""Room on a disk that is held until it is needed."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

Release = Callable[[], None]


def hold(folder: Path, size: int) -> Release:
    """Take so many bytes of the disk; what is returned gives them back, also a second time.

    The file has no name, so nothing is left of it where the process is killed. `OSError`: there
    is no such room.
    """
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by whoever needs the room
    try:
        if size:
            os.posix_fallocate(file.fileno(), 0, size)
    except BaseException:
        file.close()
        raise
    return file.close
