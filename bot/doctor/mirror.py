"""SoVAni's own tables of alerts and repairs, where the assistant is to write into them."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.core.model import Phrase, Unreadable, phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.edges.mirror.place import TROUBLE, Trouble, trouble_of
from bot.edges.shop import open_history
from bot.edges.store.peek import remembered

NUMBER: Final = 67
WHAT: Final = phrase("doctor_mirror")


async def examine(case: Case) -> Sequence[Result]:
    """Nothing is written, not even to try."""
    if not case.settings.mirror_history:
        return [skipped(WHAT, phrase("doctor_mirror_off"))]
    url = case.settings.database_url.get_secret_value()
    history = open_history(url, sql=case.templates.sql)
    try:
        await history.check()
    except Unreadable as failure:
        return [judge(failure.why, None, "")]
    finally:
        await history.close()
    trouble = await asyncio.to_thread(_trouble, case.settings.state_path)
    return [judge(None, trouble, case.templates.say_plain(trouble.why) if trouble else "")]


def judge(why: Phrase | None, trouble: Trouble | None, words: str) -> Result:
    if why is not None:
        return ill(WHAT, why, phrase("doctor_mend_mirror"))
    if trouble is not None:
        waits = phrase("doctor_mirror_waits", since=trouble.since.isoformat(), why=words)
        return uneasy(WHAT, waits, phrase("doctor_mend_mirror_waits"))
    return fine(WHAT, phrase("doctor_mirror_fine"))


def _trouble(state: Path) -> Trouble | None:
    """What the running assistant has met; nothing where its tables cannot be seen."""
    try:
        return trouble_of(remembered(state, TROUBLE))
    except (sqlite3.Error, OSError):
        return None
