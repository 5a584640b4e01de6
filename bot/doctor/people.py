"""The people: that somebody may answer an alert."""

from collections.abc import Collection, Sequence
from typing import Final

from bot.core.access import NOBODY
from bot.core.model import phrase
from bot.doctor import Case, Result, fine, ill, uneasy

NUMBER: Final = 40
WHAT: Final = phrase("doctor_people")


async def examine(case: Case) -> Sequence[Result]:
    of = case.settings
    return [judge(of.admins, of.manager_user_ids, of.viewer_user_ids)]


def judge(admins: Collection[int], managers: Collection[int], viewers: Collection[int]) -> Result:
    """Look for ids that no person has: those of groups, and Telegram's stand-ins for people."""
    able = {*admins, *managers}
    strange = sorted(one for one in {*able, *viewers} if not _is_person(one))
    if not any(_is_person(one) for one in able):
        return ill(WHAT, phrase("doctor_nobody"), phrase("doctor_mend_people"))
    if strange:
        said = phrase("doctor_not_people", ids=[str(one) for one in strange])
        return uneasy(WHAT, said, phrase("doctor_mend_people"))
    counted = {"admins": len(admins), "managers": len(managers), "viewers": len(viewers)}
    return fine(WHAT, phrase("doctor_people_fine", **counted))


def _is_person(user_id: int) -> bool:
    return user_id > 0 and user_id not in NOBODY
