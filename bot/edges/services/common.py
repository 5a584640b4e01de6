"""What all service managers share: names that may be asked for, patience, and the second look."""

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.core.model import Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import (
    Service,
    ServiceConfigs,
    ServiceControl,
    ServiceLogs,
    Services,
    ServiceState,
    UnitState,
)
from bot.edges.redact import masked

# No glob, no space, no slash, no leading dash: a name can only ever mean one unit.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9@:_.-]{0,200}", re.ASCII)


class ServiceManager(Services, ServiceControl, ServiceLogs, ServiceConfigs, Protocol):
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait for an `answer`, for a restart to `finish`, and before the second look."""

    answer: float = 10
    finish: float = 120
    settle: float = 5
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How logs and unit files are read. `redact` hides our own secrets in them.

    `root` is where the manager's `/` is, for one that runs in a container.
    """

    redact: Callable[[str], str] = masked
    journalctl: Sequence[str] = ("journalctl",)
    root: Path = Path("/")
    crontab_user: str | None = None  # None: the assistant's own


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def checked_names(units: Mapping[Service, str]) -> dict[Service, str]:
    for unit in units.values():
        if not _NAME.fullmatch(unit):
            raise ValueError(f"{unit!r} is not the name of a service")
    return dict(units)


class KnowsNoSelf:
    """A manager that cannot restart the very process that asks it to."""

    own_run_id: str | None = None

    async def run_unit(self, unit: str) -> None:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("job_no_units"))

    async def unit_state(self, unit: str) -> UnitState:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("job_no_units"))

    async def stop_unit(self, unit: str) -> None:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("job_no_units"))

    async def hand_over(self, service: Service) -> None:  # noqa: ARG002  # the protocol's
        raise ActionFailed(phrase("service_manager_off"))


async def stayed_up(
    read: Callable[[], Awaitable[ServiceState]], started: ServiceState, patience: Patience
) -> ServiceState:
    """Look again after a while: a restart that the manager calls done may be dead a second later.

    Returns what it sees then. Raises `ActionFailed` if the service is down, or up anew.
    """
    await patience.sleep(patience.settle)
    try:
        later = await read()
    except Unreadable as failure:
        raise ActionFailed(failure.why) from None
    if later.running and later.run_id == started.run_id:
        return later
    raise ActionFailed(phrase("service_did_not_stay", unit=later.unit, detail=later.detail))
