"""The logs of SoVAni's services: whether the assistant may read them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.core.machine import LogLines
from bot.core.model import Unreadable, phrase
from bot.core.tools import Service
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor.services import units
from bot.edges.services import open_services
from bot.edges.services.common import Patience

NUMBER: Final = 105
WHAT: Final = phrase("doctor_logs")
A_DAY: Final = timedelta(days=1)
MENDS: Final = {
    "journal_denied": "doctor_mend_journal",
    "service_not_found": "doctor_mend_unit_name",
}

Seen = LogLines | Unreadable


async def examine(case: Case) -> Sequence[Result]:
    settings = case.settings
    if settings.service_manager == "none":
        return [skipped(WHAT, phrase("doctor_manager_none"))]
    address = settings.supervisor_url
    manager = open_services(
        settings.service_manager,
        units(settings),
        address.get_secret_value() if address else None,
        patience=Patience(answer=2 * case.seconds),
    )
    since = case.clock() - A_DAY

    async def look(service: Service) -> Seen:
        try:
            return await manager.lines(service, since, most=1)
        except Unreadable as failure:
            return failure

    try:
        seen = await asyncio.gather(*map(look, units(settings)))
    finally:
        await manager.aclose()
    return [judge(seen)]


def judge(seen: Sequence[Seen]) -> Result:
    """One line: the right to read is the same for all of them."""
    whys = [one.why for one in seen if isinstance(one, Unreadable)]
    if whys:
        key = MENDS.get(whys[0].key, "doctor_mend_logs")
        return ill(WHAT, whys[0], phrase(key))
    talking = sum(bool(one.lines) for one in seen if isinstance(one, LogLines))
    said = phrase("doctor_logs_read", services=len(seen), talking=talking)
    return fine(WHAT, said) if talking else uneasy(WHAT, said, phrase("doctor_mend_silent"))
