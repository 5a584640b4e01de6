"""A look at the state database without its lock, its migrations or a trace beside it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.core.model import Json
from bot.edges.shop.log_files import would_lock_out_the_shop


@contextmanager
def peek(state: Path) -> Iterator[sqlite3.Connection]:
    """Open it read-only. Raises `OSError` where it is not there, `sqlite3.Error` for a bad one.

    Without a log beside it nobody has it open, and then SQLite need not make a log to read it:
    one made under another account would lock the assistant out of its own tables.
    """
    resolved = state.resolve(strict=True)
    how = "mode=ro" if Path(f"{resolved}-wal").exists() else "immutable=1"
    if how == "mode=ro" and would_lock_out_the_shop(resolved):
        raise PermissionError(resolved)
    with closing(sqlite3.connect(f"{resolved.as_uri()}?{how}", uri=True)) as connection:
        yield connection


def remembered(state: Path, key: str) -> Json:
    """What the assistant keeps under this name; None: nothing. Raises what `peek` raises."""
    with peek(state) as connection:
        row = connection.execute("SELECT value FROM memory WHERE key = ?", [key]).fetchone()
    found: Json = json.loads(row[0]) if row else None
    return found
