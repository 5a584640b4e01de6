"""The file `.env`, which holds every secret: who may read it."""

import stat
from collections.abc import Sequence
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, skipped

NUMBER: Final = 50
WHAT: Final = phrase("doctor_env_file")


async def examine(case: Case) -> Sequence[Result]:
    try:
        mode = (case.folder / ".env").stat().st_mode
    except OSError:
        return [skipped(WHAT, phrase("doctor_env_file_none"))]
    return [judge(mode)]


def judge(mode: int) -> Result:
    """A group may read it: SoVAni's own account and ours often share one."""
    shown = f"{stat.S_IMODE(mode):04o}"
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return ill(
            WHAT, phrase("doctor_env_file_open", mode=shown), phrase("doctor_mend_env_file")
        )
    return fine(WHAT, phrase("doctor_env_file_closed", mode=shown))
