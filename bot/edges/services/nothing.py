"""`SERVICE_MANAGER=none`: nothing is known of the services, and nothing can be restarted."""

from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState


class NoServices:
    async def aclose(self) -> None:
        pass

    async def state(self, _service: Service, /) -> ServiceState | None:
        return None

    async def restart(self, _service: Service, /) -> ServiceState:
        raise ActionFailed(phrase("service_manager_off"))
