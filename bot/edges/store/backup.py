"""Copies of the state database that are whole, checked, and never written over another's."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.core.model import Phrase, phrase
from bot.edges.naming import give_name
from bot.edges.store.peek import peek

FOLDER = Path(__file__).with_name("migrations")
LOG = ("-wal", "-shm")  # beside the tables, and worth nothing without them
KEPT = 3  # automatic copies of the times before an upgrade


class BackupError(RuntimeError):
    """A copy was not made or not taken back, and why. Nothing was changed."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(f"{why.key} {dict(why.values)}")
        self.why = why


def copy_to(source: sqlite3.Connection, target: Path) -> None:
    """Copy a database in use. Appears under its name only when it is whole and checked."""
    if target.exists():
        raise BackupError(phrase("backup_exists", path=str(target)))
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
            folder = str(target.parent)
            raise BackupError(phrase("backup_damaged", verdict=verdict, folder=folder))
        _sync(part)
        give_name(part, target)
    except FileExistsError as error:
        raise BackupError(phrase("backup_exists", path=str(target))) from error
    except (OSError, sqlite3.Error) as error:
        why = phrase("backup_not_written", path=str(target), error=str(error))
        raise BackupError(why) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def back_up(state: Path, target: Path) -> int:
    """Copy the tables, also of a running assistant; how many bytes the copy has."""
    try:
        with peek(state) as source:
            copy_to(source, target)
    except FileNotFoundError as error:
        raise BackupError(phrase("backup_nothing", path=str(state))) from error
    except PermissionError as error:
        raise BackupError(phrase("backup_of_another", path=str(state))) from error
    except sqlite3.Error as error:
        why = phrase("backup_not_read", path=str(state), error=str(error))
        raise BackupError(why) from error
    return target.stat().st_size


def restore(copy: Path, state: Path, now: datetime) -> Path | None:
    """Put a copy in the place of the tables; what was there is kept under the returned name.

    The caller holds the lock of `SingleInstance`: nobody has the tables open.
    """
    _examine(copy)
    kept = None
    try:
        fresh = state.with_name(f".{state.name}.restoring")
        fresh.unlink(missing_ok=True)
        with closing(_readable(copy)) as source:
            copy_to(source, fresh)
        if state.exists():
            kept = state.with_name(f"{state.name}.before-restore-{now:%Y%m%d-%H%M%S}")
            _put_aside(state, kept)
        fresh.replace(state)
    except sqlite3.Error as error:
        why = phrase("backup_not_read", path=str(state), error=str(error))
        raise BackupError(why) from error
    except OSError as error:
        why = phrase("backup_not_written", path=str(state), error=str(error))
        raise BackupError(why) from error
    return kept


def _put_aside(state: Path, kept: Path) -> None:
    """Keep a copy of the tables; damaged ones, of which there is none, as they are."""
    if _is_whole(state):
        with closing(sqlite3.connect(state)) as current:
            copy_to(current, kept)
        for tail in LOG:
            state.with_name(state.name + tail).unlink(missing_ok=True)
        return
    for tail in ("", *LOG):
        with suppress(FileNotFoundError):
            state.with_name(state.name + tail).rename(kept.with_name(kept.name + tail))


def _is_whole(state: Path) -> bool:
    """Look and change nothing: what is damaged must not be touched by a last close."""
    try:
        with closing(_readable(state)) as current:
            verdict: str = current.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError:
        return False
    return verdict == "ok"


def _readable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve(strict=True).as_uri()}?mode=ro", uri=True)


def before_upgrade(connection: sqlite3.Connection, state: Path, revision: str) -> None:
    """Keep the tables as the older release left them, one copy of each, the newest three.

    One that is there is of another upgrade, which was gone back from: it lacks what came since.
    """
    kept = state.with_name(f"{state.name}.before-upgrade-from-{revision}")
    fresh = kept.with_name(f".{kept.name}.fresh")
    fresh.unlink(missing_ok=True)
    copy_to(connection, fresh)
    fresh.replace(kept)
    copies = state.parent.glob(f"{state.name}.before-upgrade-from-*")
    for old in sorted(copies, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _examine(copy: Path) -> None:
    try:
        with closing(_readable(copy)) as source:
            verdict = source.execute("PRAGMA quick_check").fetchone()[0]
            found = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except FileNotFoundError as error:
        raise BackupError(phrase("restore_missing", path=str(copy))) from error
    except (OSError, sqlite3.Error) as error:
        why = phrase("restore_no_backup", path=str(copy), error=str(error))
        raise BackupError(why) from error
    if verdict != "ok":
        raise BackupError(phrase("restore_damaged", path=str(copy), verdict=verdict))
    if found is None or found[0] not in known_revisions():
        version = found[0] if found else None
        raise BackupError(phrase("restore_newer", path=str(copy), version=version))


def known_revisions() -> set[str]:
    """By the names of their files: asking Alembic costs 11 MB and a sixth of a second."""
    return {path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*_*.py")}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
