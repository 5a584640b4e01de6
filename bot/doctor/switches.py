"""The checks that a setting has switched off, one line each: nobody should forget them."""

from collections.abc import Sequence
from typing import Final

from bot.core.model import phrase
from bot.doctor import Case, Result, skipped

NUMBER: Final = 62


async def examine(case: Case) -> Sequence[Result]:
    return [
        skipped(
            phrase("doctor_check", check=runbook.folder),
            phrase("check_off", setting=runbook.switch),
        )
        for runbook in case.runbooks.values()
        if not runbook.enabled
    ]
