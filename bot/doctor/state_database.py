"""The assistant's own tables: that they can be written, their release, who is at them."""

import asyncio
import fcntl
import os
import sqlite3
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.core.model import Phrase, phrase
from bot.doctor import Case, Result, fine, ill, skipped
from bot.edges.shop.address import SqliteFile, parse
from bot.edges.store.backup import known_revisions
from bot.edges.store.peek import peek

NUMBER: Final = 70
WHAT: Final = phrase("doctor_state")
RUNNING: Final = phrase("doctor_running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """`version` is None where there is no database yet, "" where it has no tables of ours."""

    path: Path
    writable: bool
    version: str | None
    known: Collection[str]
    head: str
    damaged: bool = False
    mode: int = 0o600
    is_shops: bool = False


async def examine(case: Case) -> Sequence[Result]:
    path = case.settings.state_path
    sight = await asyncio.to_thread(_look, path, _is_shops(case))
    try:
        return [judge(sight), running(await asyncio.to_thread(holder, path))]
    except PermissionError:
        return [judge(sight), skipped(RUNNING, phrase("doctor_lock_closed"))]


def judge(sight: Sight) -> Result:
    shown = str(sight.path)
    if sight.is_shops:
        return ill(WHAT, phrase("doctor_state_is_shops"), phrase("doctor_mend_state_own"))
    if not sight.writable:
        seen = phrase("doctor_state_closed", path=shown)
        return ill(WHAT, seen, phrase("doctor_mend_state_closed", folder=str(sight.path.parent)))
    if sight.damaged:
        damaged = phrase("doctor_state_damaged", path=shown)
        return ill(WHAT, damaged, phrase("doctor_mend_state_damaged"))
    if sight.version and sight.version not in sight.known:
        seen = phrase("doctor_state_newer", path=shown, version=sight.version)
        return ill(WHAT, seen, phrase("doctor_mend_state_newer"))
    if sight.mode & (stat.S_IROTH | stat.S_IWOTH):
        seen = phrase("doctor_state_open", path=shown, mode=f"{sight.mode:04o}")
        return ill(WHAT, seen, phrase("doctor_mend_state_open", path=shown))
    return fine(WHAT, _version(sight))


def _version(sight: Sight) -> Phrase:
    shown = str(sight.path)
    if sight.version is None:
        return phrase("doctor_state_new", path=shown)
    if sight.version != sight.head:
        return phrase("doctor_state_older", path=shown, version=sight.version, head=sight.head)
    return phrase("doctor_state_fine", path=shown, version=sight.version)


def running(pid: str | None) -> Result:
    if pid is None:
        return fine(RUNNING, phrase("doctor_not_running"))
    return fine(RUNNING, phrase("doctor_is_running", pid=pid))


async def is_running(state: Path) -> bool:
    """Whether an assistant is at work on it; a lock that is closed to us is taken for its."""
    try:
        return await asyncio.to_thread(holder, state) is not None
    except PermissionError:
        return True


def holder(state: Path) -> str | None:
    """Find the pid of the assistant that holds the lock beside the state database.

    The lock is tried as a shared one and given back at once; no file is made.
    Raises `PermissionError` where the lock is another account's.
    """
    try:
        lock = os.open(state.with_name(f"{state.name}.lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(lock, 32).decode(errors="replace").strip() or "?"
    finally:
        os.close(lock)
    return None


def _is_shops(case: Case) -> bool:
    shop = parse(case.settings.database_url.get_secret_value())
    own = case.settings.state_path
    return isinstance(shop, SqliteFile) and shop.path.resolve() == own.resolve()


def _look(path: Path, is_shops: bool) -> Sight:  # noqa: FBT001  # handed on as it is
    known = known_revisions()
    version, damaged = (None, False) if is_shops else _version_of(path)
    return Sight(
        path=path,
        writable=_is_writable(path),
        version=version,
        known=known,
        head=max(known),
        damaged=damaged,
        mode=_mode(path),
        is_shops=is_shops,
    )


def _mode(path: Path) -> int:
    """Read who may do what with the file; a folder that is closed to others closes it too."""
    try:
        if not path.absolute().parent.stat().st_mode & stat.S_IXOTH:
            return 0o600
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0o600


def _is_writable(path: Path) -> bool:
    """Files -wal, -shm and .lock come beside it, so the folder counts as much as the file."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK) and (
        not path.exists() or os.access(path, os.R_OK | os.W_OK)
    )


def _version_of(path: Path) -> tuple[str | None, bool]:
    """Read the migration's name, and whether the file is damaged."""
    try:
        if not path.stat().st_size:
            return None, False
        with peek(path) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        missing = "no such table" in str(error)
        return ("" if missing else None), not missing
    except OSError:  # not there yet, or not ours to read: then it cannot be written either
        return None, False
    return (str(row[0]) if row else ""), False
