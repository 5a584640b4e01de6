"""`backup` and `restore`: the assistant's own tables, whole or not at all."""

from datetime import datetime
from pathlib import Path

from bot.core.model import Phrase, phrase
from bot.edges.single import AlreadyRunningError, SingleInstance
from bot.edges.store.backup import BackupError, back_up, restore


def make_backup(state: Path, target: Path | None, now: datetime) -> Phrase:
    """Copy the tables, and say where to. A folder gets a name with the time in it."""
    name = f"{state.stem}-{now:%Y%m%d-%H%M%S}.db"
    if target is None:
        target = state.parent / "backups" / name
    elif target.is_dir():
        target /= name
    size = back_up(state, target)
    return phrase("backup_made", path=str(target), bytes=size)


def take_back(copy: Path, state: Path, now: datetime) -> Phrase:
    """Put a backup in the place of the tables, and say what became of the old ones."""
    try:
        with SingleInstance(state):
            kept = restore(copy, state, now)
    except AlreadyRunningError as error:
        raise BackupError(error.why) from error
    return phrase(
        "restore_done", path=str(state), copy=copy.name, kept=kept.name if kept else None
    )
