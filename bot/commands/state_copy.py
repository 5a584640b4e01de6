"""A copy of the running assistant's tables, to look with its memory and leave it alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.edges.store.peek import peek


@contextmanager
def copied(state: Path) -> Iterator[Path | None]:
    """Copy the state database; None where there is none that can be read.

    Readers of a file in WAL mode hold up nobody, and the assistant's lock is not touched.
    """
    with TemporaryDirectory(prefix="sovani-ops-") as folder:
        copy = Path(folder, "state.db")
        yield copy if _copy(state, copy) else None


def _copy(state: Path, copy: Path) -> bool:
    try:
        with peek(state) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except (sqlite3.Error, OSError):
        return False
    return True
