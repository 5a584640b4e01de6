"""The files -wal and -shm, made by whoever opens a database in WAL mode first: readers too.

A reader never takes them away again. Made under another account than the shop's they are closed
to the shop, whose next write fails with "attempt to write a readonly database" (seen with
SQLite 3.40). A question must not do that: better no answer until the shop has its file open.
"""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path


def would_lock_out_the_shop(path: Path) -> bool:
    """Tell whether opening this resolved path makes log files that its owner cannot write."""
    if all(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm")):
        return False
    may_create = os.access(path.parent, os.W_OK)
    return may_create and not _shared(path) and _keeps_a_log(path)


def _shared(path: Path) -> bool:
    """Tell whether what we create beside the file is writable for its owner.

    SQLite gives the new files the mode of the database, and as root its owner too.
    """
    file, folder = path.stat(), path.parent.stat()
    if os.geteuid() in {0, file.st_uid}:
        return True
    group = folder.st_gid if folder.st_mode & stat.S_ISGID else os.getegid()
    by_group = bool(file.st_mode & stat.S_IWGRP) and group == file.st_gid
    return by_group or bool(file.st_mode & stat.S_IWOTH)


def _keeps_a_log(path: Path) -> bool:
    """Ask without locks, which works in every mode but WAL and creates nothing."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&nolock=1", uri=True)) as connection:
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode == sqlite3.SQLITE_CANTOPEN
        except sqlite3.DatabaseError:
            return False  # read in the middle of a write, or damaged: the real opening will tell
    return False
