"""`SERVICE_MANAGER=none`: nothing is known of the services, and nothing can be restarted."""

from datetime import datetime

from bot.core.machine import LogLines, ServiceConfig
from bot.core.model import Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.services.common import KnowsNoSelf


class NoServices(KnowsNoSelf):
    async def aclose(self) -> None:
        pass

    async def state(self, service: Service) -> ServiceState | None:  # noqa: ARG002  # the protocol's
        return None

    async def restart(self, service: Service) -> ServiceState:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("service_manager_off"))

    async def lines(
        self,
        service: Service,  # noqa: ARG002  # the protocol's
        since: datetime,  # noqa: ARG002  # likewise
        *,
        most: int,  # noqa: ARG002  # likewise
    ) -> LogLines:
        raise Unreadable(phrase("service_logs_off"), Source.SERVICE_MANAGER)

    async def config(self, service: Service) -> ServiceConfig:  # noqa: ARG002  # the protocol's
        raise Unreadable(phrase("service_config_off"), Source.SERVICE_MANAGER)
