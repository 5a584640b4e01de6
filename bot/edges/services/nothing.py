"""`SERVICE_MANAGER=none`: nothing is known of the services, and nothing can be restarted."""

from bot.core.model import phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState


class NoServices:
    async def aclose(self) -> None:
        pass

    async def state(self, service: Service) -> ServiceState | None:  # noqa: ARG002  # the protocol's
        return None

    async def restart(self, service: Service) -> ServiceState:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("service_manager_off"))
