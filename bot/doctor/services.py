"""SoVAni's three services, as their manager sees them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from bot.core.model import Phrase, Unreadable, phrase
from bot.core.tools import Service, ServiceState
from bot.doctor import Case, Result, fine, ill, skipped
from bot.edges.services import open_services
from bot.edges.services.common import Patience
from bot.settings import Settings

NUMBER: Final = 100
WHAT: Final = phrase("doctor_manager")
STARTS: Final = {"systemd": "systemctl start", "supervisor": "supervisorctl start"}
OF_ONE_UNIT: Final = "service_not_found"

Seen = ServiceState | Unreadable | None


async def examine(case: Case) -> Sequence[Result]:
    settings = case.settings
    names = units(settings)
    address = settings.supervisor_url
    manager = open_services(
        settings.service_manager,
        names,
        address.get_secret_value() if address else None,
        patience=Patience(answer=2 * case.seconds),
    )

    async def look(service: Service) -> Seen:
        try:
            return await manager.state(service)
        except Unreadable as failure:
            return failure

    try:
        seen = await asyncio.gather(*map(look, names))
    finally:
        await manager.aclose()
    return judge(settings.service_manager, dict(zip(names.values(), seen, strict=True)))


def units(settings: Settings) -> Mapping[Service, str]:
    return {
        Service.BOT: settings.service_bot,
        Service.WEB: settings.service_web,
        Service.SCHEDULER: settings.service_scheduler,
    }


def judge(manager: str, seen: Mapping[str, Seen]) -> list[Result]:
    """Give one result where the manager itself is the trouble, else one for each unit."""
    whys = [one.why for one in seen.values() if isinstance(one, Unreadable)]
    if len(whys) == len(seen) and all(why.key != OF_ONE_UNIT for why in whys):
        return [ill(WHAT, whys[0], phrase("doctor_mend_manager", manager=manager))]
    if all(one is None for one in seen.values()):
        return [skipped(WHAT, phrase("doctor_manager_none"))]
    return [_unit(manager, unit, one) for unit, one in seen.items()]


def _unit(manager: str, unit: str, seen: Seen) -> Result:
    what = phrase("doctor_unit", unit=unit)
    mend: Phrase = phrase("doctor_mend_unit", start=STARTS.get(manager, ""), unit=unit)
    match seen:
        case None:
            return skipped(what, phrase("doctor_manager_none"))
        case Unreadable():
            return ill(what, seen.why, phrase("doctor_mend_unit_name"))
        case ServiceState(running=True):
            return fine(what, phrase("doctor_unit_state", detail=seen.detail))
        case ServiceState():
            return ill(what, phrase("doctor_unit_state", detail=seen.detail), mend)
