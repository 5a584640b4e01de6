"""What SQLite says, in words for people."""

import errno
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.core.model import Source, Unreadable, phrase

_KEYS = {
    sqlite3.SQLITE_BUSY: "shop_locked",
    sqlite3.SQLITE_LOCKED: "shop_locked",
    sqlite3.SQLITE_NOTADB: "shop_not_a_database",
    sqlite3.SQLITE_CORRUPT: "shop_corrupt",
    sqlite3.SQLITE_FULL: "shop_disk_full",
    sqlite3.SQLITE_IOERR: "shop_disk_error",
    sqlite3.SQLITE_PERM: "shop_no_permission",
    sqlite3.SQLITE_READONLY: "shop_not_writable",
}
_EXTENDED_KEYS = {
    sqlite3.SQLITE_READONLY_ROLLBACK: "shop_hot_journal",
    sqlite3.SQLITE_READONLY_CANTINIT: "shop_wal_folder",
    sqlite3.SQLITE_READONLY_CANTLOCK: "shop_wal_folder",
    sqlite3.SQLITE_READONLY_DIRECTORY: "shop_wal_folder",
    sqlite3.SQLITE_READONLY_RECOVERY: "shop_wal_folder",
}
_MISSING = re.compile(r"no such (table|column): (?:main\.)?(.+)")
_PRIMARY = 0xFF  # the low byte of an extended result code is the plain one
# What SQLite also says where a file beside the database cannot be made or made longer.
_WHERE_FULL = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_ROOM = 100_000  # bytes: SQLite's shared memory and the head of a log want about as many


@contextmanager
def translated(path: Path, *, limit_seconds: float) -> Iterator[None]:
    """Turn whatever goes wrong with the file in the block into `Unreadable`."""
    try:
        _look(path)
        yield
    except sqlite3.Error as error:
        raise unreadable(error, path, limit_seconds=limit_seconds) from error
    except FileNotFoundError as error:
        raise _file("shop_file_missing", path) from error
    except PermissionError as error:
        raise _file("shop_no_permission", path) from error
    except OSError as error:
        key = "shop_disk_full" if error.errno in _FULL else "shop_disk_error"
        raise _file(key, path, detail=error.strerror or str(error)) from error


def unreadable(error: sqlite3.Error, path: Path, *, limit_seconds: float) -> Unreadable:
    # the module's own complaints, about a wrong number of binds for instance, carry no code
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & _PRIMARY == sqlite3.SQLITE_INTERRUPT:
        return Unreadable(phrase("shop_too_slow", seconds=limit_seconds))
    if code & _PRIMARY in _WHERE_FULL and _no_room(path):
        return _file("shop_disk_full", path, detail=str(error))
    if code & _PRIMARY == sqlite3.SQLITE_CANTOPEN:
        return _file(_why_it_cannot_open(path), path, detail=str(error))
    if key := _EXTENDED_KEYS.get(code) or _KEYS.get(code & _PRIMARY):
        return _file(key, path, detail=str(error))
    return Unreadable(phrase("shop_query_refused", detail=str(error)))


def missing_name(error: sqlite3.Error) -> tuple[str, str] | None:
    """("table" | "column", its name) where the error is about one that is missing."""
    found = _MISSING.fullmatch(str(error))
    return (found[1], found[2]) if found else None


def no_tables(path: Path) -> Unreadable:
    return _file("shop_no_tables", path)


def _look(path: Path) -> None:
    """See what `stat` can tell; the file itself is left to SQLite.

    Opening and closing it here would drop every lock that this process holds on it.
    """
    if path.is_dir():
        raise _file("shop_file_directory", path)
    if path.stat().st_size == 0:
        raise _file("shop_file_empty", path)


def _no_room(path: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(path.resolve().parent).free < NO_ROOM
    return False


def _why_it_cannot_open(path: Path) -> str:
    return "shop_wal_folder" if os.access(path, os.R_OK) else "shop_no_permission"


def _file(key: str, path: Path, *, detail: str = "") -> Unreadable:
    return Unreadable(phrase(key, path=str(path), detail=detail), Source.SHOP_DATABASE)
