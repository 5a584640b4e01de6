"""Seeing and restarting SoVAni's three services, through whatever manages them."""

from collections.abc import Mapping

from bot.core.tools import Service
from bot.edges.services.common import Looking, Patience, ServiceManager
from bot.edges.services.nothing import NoServices

# ruff: noqa: PLC0415  # only the manager in use is imported: the others cost time at the start


def open_services(  # noqa: PLR0913  # what is rarely given is given by name
    manager: str,
    units: Mapping[Service, str],
    supervisor_url: str | None = None,
    *,
    patience: Patience | None = None,
    bus_address: str | None = None,
    looking: Looking | None = None,
) -> ServiceManager:
    """Give access to `units` by `SERVICE_MANAGER`. Close it when done.

    Connects to nothing yet. `bus_address` is that of another D-Bus than the system's. Raises
    `ValueError` for a name that is no unit's, an unknown manager or a missing address.
    """
    match manager:
        case "systemd":
            from bot.edges.services.systemd import Systemd

            return Systemd(units, patience or Patience(), bus_address, looking)
        case "supervisor":
            from bot.edges.services.supervisor import Supervisor

            if not supervisor_url:
                raise ValueError("SERVICE_MANAGER=supervisor needs SUPERVISOR_URL")
            return Supervisor(units, patience or Patience(), supervisor_url, looking)
        case "none":
            return NoServices()
        case _:
            raise ValueError(f"SERVICE_MANAGER is systemd, supervisor or none, not {manager}")
