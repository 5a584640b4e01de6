"""VACUUM of a SQLite file, as blocking calls: what it needs, doing it, what it left.

Measured for a file of 1.5 GB, of which 0.7 GB remained: it takes twice the final size of extra
disk, blocks every writer, in rollback mode every reader too, and in WAL mode gives the space
back only at the checkpoint after it.
"""

import os
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from bot.core.model import Facts
from bot.edges.shop.holders import holders
from bot.edges.shop.sqlite import beside, bytes_of, pragma
from bot.edges.shop.threads import Stop
from bot.edges.shop.writing import writing

MARGIN = 1.05  # of the measured need: 2.0 x the final size, so 2.1 where all is on one disk
LOOK_SECONDS = 1.0  # a writer that holds the lock longer than this is busy; ours hold it for less
LOCK_SECONDS = 5.0  # how long VACUUM waits for the others to finish a statement
CHECKPOINT_TRY_SECONDS = 1.0
AUTOCHECKPOINT_BYTES = 5_000_000  # a log up to this size is at work, not left over


@dataclass(frozen=True, slots=True)
class Pages:
    used_bytes: int  # an upper bound of the size after VACUUM, which also repacks half-full pages
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """`space_returned` is false where a reader still holds the log, and the file its size."""

    seconds: float
    before_bytes: int
    after_bytes: int
    space_returned: bool


def pages(connection: sqlite3.Connection) -> Pages:
    size = pragma(connection, "page_size")
    free = pragma(connection, "freelist_count")
    return Pages((pragma(connection, "page_count") - free) * size, free * size)


def needs(path: Path, *, bytes_per_second: float) -> Facts:
    """Tell what VACUUM would give and take, and whether somebody writes at this moment."""
    with writing(path, busy_seconds=LOOK_SECONDS) as connection:
        now = pages(connection)
        busy = _somebody_writes(connection)
    log = bytes_of(beside(path, "-wal"))
    left_over = log if log > AUTOCHECKPOINT_BYTES else 0
    total = now.used_bytes + now.free_bytes + log
    return {
        "total_bytes": total,
        "frees_bytes": now.free_bytes + left_over,
        "about_seconds": round((total + now.used_bytes) / bytes_per_second, 1),
        "busy": busy,
        "writers": holders(path),
        "locks_writers": True,
        **_disk(path, now.used_bytes),
    }


def rewrite(path: Path, stop: Stop, *, checkpoint_seconds: float) -> Rewritten:
    """Run VACUUM, then shrink the file.

    An interruption works while SQLite builds its copy; once it copies back, it completes.
    """
    before = _size(path)
    started = time.monotonic()
    with writing(path, busy_seconds=LOCK_SECONDS) as connection:
        with stop.interrupts(connection):
            connection.set_progress_handler(lambda: stop.asked, 10_000)
            connection.execute("VACUUM")
            connection.set_progress_handler(None, 0)
        returned = checkpoint(connection, stop, seconds=checkpoint_seconds)
    return Rewritten(
        seconds=round(time.monotonic() - started, 2),
        before_bytes=before,
        after_bytes=_size(path),
        space_returned=returned,
    )


def state(path: Path) -> Facts:
    """Tell by `stat` what a VACUUM that nobody saw the end of has left behind."""
    return {
        "main_bytes": path.stat().st_size,
        "wal_bytes": bytes_of(beside(path, "-wal")),
        "journal_bytes": bytes_of(beside(path, "-journal")),
    }


def checkpoint(connection: sqlite3.Connection, stop: Stop, *, seconds: float) -> bool:
    """Move the log into the file and cut both; false while a reader still needs the log."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        return True
    connection.execute(f"PRAGMA busy_timeout = {int(CHECKPOINT_TRY_SECONDS * 1000)}")
    until = time.monotonic() + seconds
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if stop.wait(CHECKPOINT_TRY_SECONDS / 10) or time.monotonic() >= until:
            return False
    return True


def _somebody_writes(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return True
        raise
    connection.execute("ROLLBACK")
    return False


def _size(path: Path) -> int:
    return path.stat().st_size + bytes_of(beside(path, "-wal"))


def _disk(path: Path, final_bytes: int) -> Facts:
    """Room for the temporary copy and for the journal or log of the copying back."""
    folder, temporary = path.resolve().parent, temporary_folder()
    one_disk = folder.stat().st_dev == temporary.stat().st_dev
    once = round(final_bytes * MARGIN)
    facts: dict[str, int | str] = {
        "needs_disk_bytes": 2 * once if one_disk else once,
        "disk_free_bytes": shutil.disk_usage(folder).free,
    }
    if not one_disk:
        facts["temporary_folder"] = str(temporary)
        facts["needs_temporary_bytes"] = once
        facts["temporary_free_bytes"] = shutil.disk_usage(temporary).free
    return facts


def temporary_folder() -> Path:
    """Find the folder that SQLite will take: the first usable one, in its own order."""
    named = (os.environ.get(name, "") for name in ("SQLITE_TMPDIR", "TMPDIR"))
    usual = ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108  # looked at, nothing is put there
    for name in (*named, *usual):
        if name and Path(name).is_dir() and os.access(name, os.W_OK | os.X_OK):
            return Path(name)
    return Path()
