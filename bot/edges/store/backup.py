"""Copies of the state database that are whole, checked, and never written over anything."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.edges.store.peek import peek

FOLDER = Path(__file__).with_name("migrations")
KEPT = 3  # automatic copies of the times before an upgrade


class BackupError(RuntimeError):
    """A copy was not made or not taken back; the text says why. Nothing was changed."""


def copy_to(source: sqlite3.Connection, target: Path) -> None:
    """Copy a database in use. Appears under its name only when it is whole and checked."""
    if target.exists():
        raise BackupError(f"{target} exists already: it is left as it is")
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            raise BackupError(
                f"the copy is damaged ({verdict}): check the disk of {target.parent}"
            )
        _sync(part)
        os.link(part, target)  # unlike a rename, never over a file that appeared meanwhile
    except FileExistsError as error:
        raise BackupError(f"{target} exists already: it is left as it is") from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def back_up(state: Path, target: Path) -> int:
    """Copy the tables, also of a running assistant; how many bytes the copy has."""
    try:
        with peek(state) as source:
            copy_to(source, target)
    except FileNotFoundError as error:
        raise BackupError(f"{state} does not exist: is STATE_DATABASE_URL right?") from error
    except PermissionError as error:
        raise BackupError(
            f"{state} belongs to another account: run this as the assistant's (or as root)"
        ) from error
    except sqlite3.Error as error:
        raise BackupError(f"{state} cannot be read: {error}") from error
    return target.stat().st_size


def restore(copy: Path, state: Path, now: datetime) -> Path | None:
    """Put a copy in the place of the tables; what was there is kept under the returned name.

    The caller holds the lock of `SingleInstance`: nobody has the tables open.
    """
    _examine(copy)
    kept = None
    try:
        if state.exists():
            kept = state.with_name(f"{state.name}.before-restore-{now:%Y%m%d-%H%M%S}")
            with closing(sqlite3.connect(state)) as current:
                copy_to(current, kept)
        fresh = state.with_name(f".{state.name}.restoring")
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as source:
            copy_to(source, fresh)
        for tail in ("-wal", "-shm"):  # they belong to the old tables
            state.with_name(state.name + tail).unlink(missing_ok=True)
        fresh.replace(state)
    except sqlite3.Error as error:
        raise BackupError(f"{state} cannot be read: {error}") from error
    except OSError as error:
        raise BackupError(f"{state} cannot be written: {error}") from error
    return kept


def before_upgrade(connection: sqlite3.Connection, state: Path, revision: str) -> None:
    """Keep the tables as the older release left them, once for each release, the newest three."""
    kept = state.with_name(f"{state.name}.before-upgrade-from-{revision}")
    if not kept.exists():
        copy_to(connection, kept)
    copies = state.parent.glob(f"{state.name}.before-upgrade-from-*")
    for old in sorted(copies, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _examine(copy: Path) -> None:
    try:
        with closing(
            sqlite3.connect(f"{copy.resolve(strict=True).as_uri()}?mode=ro", uri=True)
        ) as source:
            verdict = source.execute("PRAGMA quick_check").fetchone()[0]
            found = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except FileNotFoundError as error:
        raise BackupError(f"{copy} does not exist") from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{copy} is no backup of the assistant's tables: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{copy} is damaged ({verdict}): take an older one")
    if found is None or found[0] not in known_revisions():
        version = found[0] if found else "none"
        raise BackupError(
            f"{copy} is of a newer release (version {version}): install that release first"
        )


def known_revisions() -> set[str]:
    """By the names of their files: asking Alembic costs 11 MB and a sixth of a second."""
    return {path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py")}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
