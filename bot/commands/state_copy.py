"""A copy of the running assistant's tables, to look with its memory and leave it alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.edges.shop.log_files import would_lock_out_the_shop


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
        resolved = state.resolve(strict=True)
        # Log files made under another account would lock the assistant out of its own tables.
        if would_lock_out_the_shop(resolved):
            return False
        uri = f"{resolved.as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except (sqlite3.Error, OSError):
        return False
    return True
