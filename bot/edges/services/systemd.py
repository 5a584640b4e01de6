"""systemd: what `systemctl restart` does, without its globs and with the job's real result."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot.core.machine import LogLines, ServiceConfig
from bot.core.model import Phrase, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.services import unit_files
from bot.edges.services.common import Looking, Patience, checked_names, stayed_up
from bot.edges.services.dbus import (
    DENIED,
    UNREACHABLE,
    RefusedCallError,
    systemd_bus,
    unreachable,
)
from bot.edges.services.journald import Journal
from bot.edges.services.unit_work import SYSTEMD, UnitWork, full_name, how_it_ended, known
from bot.edges.shop.threads import Threads

_NOT_MEASURED: Final = 2**64 - 1
_START_LIMIT: Final = "start-limit-hit"
COMES_BACK: Final = ("always", "on-success")  # Restart= of a unit that a good end starts anew


class Systemd(UnitWork):
    """All of `ServiceManager` over the system bus; connects anew for each look."""

    def __init__(
        self,
        units: Mapping[Service, str],
        patience: Patience,
        address: str | None = None,
        files: Looking | None = None,
    ) -> None:
        super().__init__(patience, address)
        self._units = {key: full_name(name) for key, name in checked_names(units).items()}
        self._looking = files or Looking()
        self._threads = Threads("services", workers=1)
        self.end: Callable[[], None] = end_ourselves
        self._journal = Journal(
            redact=self._looking.redact, command=self._looking.journalctl, threads=self._threads
        )

    async def aclose(self) -> None:
        """End what its thread does; no connection outlives a call."""
        await self._threads.close()

    async def lines(self, service: Service, since: datetime, *, most: int) -> LogLines:
        return await self._journal.lines(self._units[service], since, most=most)

    async def config(self, service: Service) -> ServiceConfig:
        """Read the unit's files, the timers that start one of ours, and for jobs the crontab."""
        unit, redact, root = self._units[service], self._looking.redact, self._looking.root
        async with self._look() as bus:
            seen = await known(bus, unit)
            timers = [unit_files.timer(name, one) for name, one in await bus.timers()]
        paths = [seen["FragmentPath"], *seen["DropInPaths"]]
        files = await self._threads.run(lambda _: unit_files.read_files(paths, redact, root))
        if service is Service.SCHEDULER:
            files += await unit_files.crontab(redact, self._looking.crontab_user)
        return ServiceConfig(
            unit=unit,
            files=files,
            timers=[one for one in timers if one.starts in self._units.values()],
            stale=bool(seen["NeedDaemonReload"]),
        )

    async def state(self, service: Service) -> ServiceState:
        unit = self._units[service]
        async with self._look() as bus:
            return _state(unit, await known(bus, unit))

    async def restart(self, service: Service) -> ServiceState:
        """Restart and see it stay up. Raises `ActionFailed`."""
        unit = self._units[service]
        try:
            before = await self.state(service)
            result = await self._restarted(before.unit)
            async with self._look() as bus:
                seen = await known(bus, unit)
        except Unreadable as failure:
            raise ActionFailed(failure.why) from None
        if result != "done":
            raise ActionFailed(_not_done(unit, result, str(seen["Result"])))
        return await stayed_up(partial(self.state, service), _state(unit, seen), self._patience)

    @property
    def own_run_id(self) -> str | None:
        return os.environ.get("INVOCATION_ID")  # systemd's own word for it, see systemd.exec(5)

    async def hand_over(self, service: Service) -> None:
        """Bring about a restart of what we are. Raises `ActionFailed`.

        Where systemd starts the unit again whenever it ends, it is enough to end: no right to
        restart it is needed then.
        """
        unit = self._units[service]
        try:
            async with asyncio.timeout(self._patience.answer), systemd_bus(self._address) as bus:
                if (await known(bus, unit)).get("Restart") in COMES_BACK:
                    self.end()
                    return
                await bus.begin_restart(unit)
        except RefusedCallError as refusal:
            raise ActionFailed(_refused(unit, refusal)) from refusal
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure

    async def _restarted(self, unit: str) -> str:
        seconds = self._patience.finish
        try:
            async with asyncio.timeout(seconds), systemd_bus(self._address) as bus:
                return await bus.restart(unit)
        except TimeoutError:
            late = phrase("service_restart_timeout", manager=SYSTEMD, unit=unit, seconds=seconds)
            raise ActionFailed(late) from None
        except RefusedCallError as refusal:
            raise ActionFailed(_refused(unit, refusal)) from refusal
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure


def end_ourselves() -> None:
    """As systemd would: what is under way is finished."""
    os.kill(os.getpid(), signal.SIGTERM)


def _state(unit: str, seen: Mapping[str, Any]) -> ServiceState:
    running = seen["ActiveState"] in {"active", "reloading"}
    memory = seen["MemoryCurrent"]
    return ServiceState(
        unit=unit,
        running=running,
        detail=f"{seen['ActiveState']} ({seen['SubState']})",
        run_id=bytes(seen["InvocationID"]).hex(),
        since=datetime.fromtimestamp(seen["ActiveEnterTimestamp"] / 1e6, UTC) if running else None,
        restarts=seen["NRestarts"],
        memory_bytes=None if memory == _NOT_MEASURED else memory,
        **how_it_ended(seen),
    )


def _not_done(unit: str, result: str, reason: str) -> Phrase:
    if reason == _START_LIMIT:
        return phrase("service_start_limit", manager=SYSTEMD, unit=unit)
    return phrase("service_restart_failed", manager=SYSTEMD, unit=unit, said=f"{result}, {reason}")


def _refused(unit: str, refusal: RefusedCallError) -> Phrase:
    if refusal.name in DENIED:
        return phrase("service_denied", manager=SYSTEMD, unit=unit)
    return phrase("service_restart_failed", manager=SYSTEMD, unit=unit, said=refusal.text)
