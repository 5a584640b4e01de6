"""The services of the shop: their state, words and settings, and their restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.core.machine import LogLines, ServiceConfig
from bot.core.model import Facts


class Service(StrEnum):
    """The only units that may be touched; their real names are settings."""

    BOT = "bot"
    WEB = "web"
    SCHEDULER = "scheduler"
    SELF = "self"  # this assistant's own


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """`running` is what the manager says now; `run_id` changes with every start."""

    unit: str
    running: bool
    detail: str  # the manager's own words: "active (running)", "FATAL"
    run_id: str
    since: datetime | None = None
    restarts: int | None = None
    memory_bytes: int | None = None
    exit_code: int | None = None  # of the last run, where it has ended
    exit_signal: str | None = None  # such as "SIGKILL", where a signal ended it
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """A unit of work: whether it is at it, since when, in the manager's own words."""

    unit: str
    at_work: bool
    detail: str
    since: datetime | None = None


class Services(Protocol):
    async def state(self, service: Service) -> ServiceState | None:
        """None where there is no service manager (`SERVICE_MANAGER=none`)."""
        ...


class ServiceLogs(Protocol):
    async def lines(self, service: Service, since: datetime, *, most: int) -> LogLines:
        """The newest `most` lines since then. Never empty for want of rights: it raises."""
        ...


class ServiceConfigs(Protocol):
    async def config(self, service: Service) -> ServiceConfig:
        """What the manager was told about the service: unit file, timers, crontab."""
        ...


class ServiceControl(Protocol):
    async def restart(self, service: Service) -> ServiceState:
        """Restart one of our units and wait until the manager has done it."""
        ...

    @property
    def own_run_id(self) -> str | None:
        """The `run_id` of the unit that this very process is; None: of none that we know."""
        ...

    async def run_unit(self, unit: str) -> None:
        """Start a unit of work and wait until it has ended well. Raises `ActionFailed`."""
        ...

    async def unit_state(self, unit: str) -> UnitState:
        """What a unit of work does now. Raises `Unreadable`, or `ActionFailed` without units."""
        ...

    async def stop_unit(self, unit: str) -> None:
        """Stop a unit of work and wait until it has ended. Raises `ActionFailed`."""
        ...

    async def hand_over(self, service: Service) -> None:
        """Ask for the restart of the unit that we are, and do not wait for it."""
        ...


class ShopJobs(Protocol):
    """SoVAni's own jobs, started by hand. All raise `ActionFailed`."""

    def offered(self, job: str) -> bool:
        """Whether the settings say how "collect" or "recalc" is started."""
        ...

    def unit(self, job: str, day: date) -> str | None:
        """The unit that the settings name for a job; None: they name none.

        `job` is "collect", "recalc" or a name of `MISSED_JOBS`; `day` the one it works on.
        """
        ...

    async def run(self, job: str, args: Mapping[str, str], key: str) -> Facts:
        """Start it and wait for its end: `result`, what it says of itself."""
        ...

    async def reconcile(self, first: str, last: str, key: str) -> Facts:
        """Compare the commissions of these days with the rules again: `outliers_found`."""
        ...
