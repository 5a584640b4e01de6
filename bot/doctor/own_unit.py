"""The unit that `SERVICE_SELF` names: whether it is this assistant's, and comes back by itself."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.core.model import Unreadable, phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor.state_database import holder
from bot.edges.services.rights import OwnUnit, own_unit

NUMBER: Final = 103
WHAT: Final = phrase("doctor_own_unit")


async def examine(case: Case) -> Sequence[Result]:
    settings = case.settings
    if settings.service_manager != "systemd":
        return [skipped(WHAT, phrase("doctor_rights_unneeded"))]
    try:
        seen = await own_unit(settings.service_self, seconds=2 * case.seconds)
    except Unreadable:
        return [skipped(WHAT, phrase("doctor_rights_unseen"))]
    try:
        pid = await asyncio.to_thread(holder, settings.state_path)
    except PermissionError:
        pid = None
    return [judge(settings.service_self, seen, pid)]


def judge(unit: str, seen: OwnUnit | None, running: str | None) -> Result:
    """Compare it with the process that holds the state database, where one does."""
    mend = phrase("doctor_mend_own_unit")
    if seen is None:
        return uneasy(WHAT, phrase("doctor_own_unit_unknown", unit=unit), mend)
    if running is not None and running.isdecimal() and int(running) != seen.main_pid:
        said = phrase("doctor_own_unit_other", unit=unit, pid=running, main_pid=seen.main_pid)
        return ill(WHAT, said, mend)
    if not seen.comes_back:
        said = phrase("doctor_own_unit_gone", unit=unit)
        return uneasy(WHAT, said, phrase("doctor_mend_own_unit_gone", unit=unit))
    return fine(WHAT, phrase("doctor_own_unit_fine", unit=unit))
