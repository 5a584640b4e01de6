"""`backup` and `restore`: the assistant's own tables, whole or not at all."""

from datetime import datetime
from pathlib import Path

from bot.edges.single import AlreadyRunningError, SingleInstance
from bot.edges.store.backup import BackupError, back_up, restore

MEGABYTE = 1_000_000


def make_backup(state: Path, target: Path | None, now: datetime) -> str:
    """Copy the tables; one line that says where to. A folder gets a name with the time in it."""
    name = f"{state.stem}-{now:%Y%m%d-%H%M%S}.db"
    if target is None:
        target = state.parent / "backups" / name
    elif target.is_dir():
        target /= name
    size = back_up(state, target)
    return f"{target}: {size / MEGABYTE:.1f} MB, checked"


def take_back(copy: Path, state: Path, now: datetime) -> str:
    """Put a backup in the place of the tables; one line that says what became of the old ones."""
    try:
        with SingleInstance(state):
            kept = restore(copy, state, now)
    except AlreadyRunningError as error:
        raise BackupError(f"{error} (nothing was changed)") from error
    before = f"; the tables of before are {kept.name}" if kept else ""
    return f"{state} is what {copy.name} was{before}. Start the assistant again."
