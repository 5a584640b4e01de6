"""The right to restart SoVAni's units and no other, asked of polkit without a restart."""

import os
from collections.abc import Sequence
from typing import Final

from bot.core.model import Unreadable, phrase
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor.services import units
from bot.edges.services.rights import STRANGER, Rights, rights

NUMBER: Final = 102
WHAT: Final = phrase("doctor_rights")
ROOT: Final = 0


async def examine(case: Case) -> Sequence[Result]:
    if case.settings.service_manager != "systemd":
        return [skipped(WHAT, phrase("doctor_rights_unneeded"))]
    names = units(case.settings).values()
    try:
        seen = await rights(names, seconds=2 * case.seconds)
    except Unreadable:
        return [skipped(WHAT, phrase("doctor_rights_unseen"))]
    return [judge(seen, is_root=os.geteuid() == ROOT)]


def judge(seen: Rights, *, is_root: bool = False) -> Result:
    if is_root:
        return uneasy(WHAT, phrase("doctor_rights_root"), phrase("doctor_mend_rights_root"))
    if denied := [unit for unit, allowed in seen.ours.items() if not allowed]:
        mend = "doctor_mend_rights" if seen.has_polkit else "doctor_mend_polkit"
        return ill(WHAT, phrase("doctor_rights_denied", units=denied), phrase(mend))
    if seen.stranger:
        said = phrase("doctor_rights_too_many", unit=STRANGER)
        return uneasy(WHAT, said, phrase("doctor_mend_rights_too_many"))
    return fine(WHAT, phrase("doctor_rights_fine", units=list(seen.ours)))
