"""What checks and remediations may touch. The edges implement these; tests fake them.

Whatever cannot be read raises `Unreadable` with a phrase for people, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.archives import Archives, NoArchive, NoArchives, ShopArchive
from bot.core.letters import Letters, NoLetters
from bot.core.machine import Disk, HostState, OwnState
from bot.core.markets import Markets, NoMarkets
from bot.core.model import Facts, Json
from bot.core.tariffs import NoTariffs, Tariffs
from bot.core.tools.calendar import JobCalendar, NoCalendar
from bot.core.tools.services import (
    Service,
    ServiceConfigs,
    ServiceControl,
    ServiceLogs,
    Services,
    ServiceState,
    ShopJobs,
    UnitState,
)
from bot.core.tools.shop import (
    ColumnInfo,
    DatabaseSize,
    Edit,
    IndexInfo,
    PlanStep,
    ShopDatabase,
    ShopEdits,
    ShopMaintenance,
    ShopStorage,
    TableInfo,
    TableSchema,
)
from bot.core.tools.web import Prometheus, Sample, WebAdmin, WebApi

__all__ = [
    "ActionTools",
    "ColumnInfo",
    "DatabaseSize",
    "Edit",
    "Host",
    "IndexInfo",
    "Memory",
    "Notifier",
    "PlanStep",
    "Prometheus",
    "Sample",
    "Service",
    "ServiceConfigs",
    "ServiceControl",
    "ServiceLogs",
    "ServiceState",
    "Services",
    "ShopDatabase",
    "ShopEdits",
    "ShopJobs",
    "ShopMaintenance",
    "ShopStorage",
    "TableInfo",
    "TableSchema",
    "Tools",
    "UnitState",
    "WebAdmin",
    "WebApi",
]


class Host(Protocol):
    async def look(self) -> HostState:
        """Measure for half a second."""
        ...

    async def disks(self) -> Sequence[Disk]:
        """The disks that hold something of ours; one that cannot be read is not among them."""
        ...

    async def own(self) -> OwnState: ...


class Memory(Protocol):
    """Small JSON values that a check keeps from one round to the next, across restarts."""

    async def get(self, key: str) -> Json: ...

    async def put(self, key: str, value: Json) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """All a check may touch: nothing in here changes anything outside."""

    shop: ShopDatabase
    web: WebApi
    services: Services
    memory: Memory
    host: Host
    logs: ServiceLogs
    configs: ServiceConfigs
    storage: ShopStorage
    prometheus: Prometheus | None = None
    markets: Markets = field(default_factory=NoMarkets)
    tariffs: Tariffs = field(default_factory=NoTariffs)
    archives: Archives = field(default_factory=NoArchives)
    calendar: JobCalendar = field(default_factory=NoCalendar)


class Notifier(Protocol):
    async def notify_admins(self, alert_id: int, key: str) -> Facts:
        """Queue a notice about the alert for the admin chat and every admin; `key` once only.

        Facts: `chats`, how many were written to.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTools(Tools):
    """What remediations may touch besides: the few things that change the world."""

    maintenance: ShopMaintenance
    web_admin: WebAdmin
    control: ServiceControl
    notifier: Notifier
    jobs: ShopJobs
    letters: Letters = field(default_factory=NoLetters)
    edits: ShopEdits
    archive: ShopArchive = field(default_factory=NoArchive)
