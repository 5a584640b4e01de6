"""The newest copy of the assistant's own tables: how old it is."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, skipped, uneasy

NUMBER: Final = 75
WHAT: Final = phrase("doctor_backup")
OLD: Final = timedelta(days=3)  # a nightly copy that failed once or twice is no reason to worry


async def examine(case: Case) -> Sequence[Result]:
    path = case.settings.state_path
    try:
        there, newest = await asyncio.to_thread(_look, path)
    except PermissionError:
        return [skipped(WHAT, phrase("doctor_backup_closed"))]
    return [judge(newest, case.clock(), there=there)]


def judge(newest: datetime | None, now: datetime, *, there: bool) -> Result:
    if newest is None and not there:
        return skipped(WHAT, phrase("doctor_backup_early"))
    if newest is None:
        return uneasy(WHAT, phrase("doctor_backup_none"), phrase("doctor_mend_backup"))
    seen = phrase("doctor_backup_age", seconds=max(0.0, (now - newest).total_seconds()))
    return (
        uneasy(WHAT, seen, phrase("doctor_mend_backup"))
        if now - newest > OLD
        else fine(WHAT, seen)
    )


def _look(state: Path) -> tuple[bool, datetime | None]:
    """Tell whether there are tables yet, and when their newest copy was made."""
    times = [
        copy.stat().st_mtime for copy in (state.parent / "backups").glob(f"{state.stem}-*.db")
    ]
    newest = datetime.fromtimestamp(max(times), UTC) if times else None
    return state.exists(), newest
