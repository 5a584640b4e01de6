"""systemd: what `systemctl restart` does, without its globs and with the job's real result."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot.core.machine import LogLines, ServiceConfig
from bot.core.model import Phrase, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState, UnitState
from bot.edges.services import unit_files
from bot.edges.services.common import (
    Looking,
    Patience,
    checked_names,
    signal_name,
    stayed_up,
)
from bot.edges.services.dbus import (
    DENIED,
    UNREACHABLE,
    RefusedCallError,
    SystemdBus,
    looking,
    systemd_bus,
    unreachable,
)
from bot.edges.services.journald import Journal
from bot.edges.shop.threads import Threads

_SYSTEMD: Final = "systemd"
_NOT_MEASURED: Final = 2**64 - 1
_ONESHOT: Final = "oneshot"
_STOPPED: Final = "canceled"  # a start whose unit somebody stops meanwhile
AT_WORK: Final = ("activating", "active", "reloading", "deactivating")
_START_LIMIT: Final = "start-limit-hit"
COMES_BACK: Final = ("always", "on-success")  # Restart= of a unit that a good end starts anew
_EXITED, _KILLED = 1, (2, 3)  # CLD_EXITED; CLD_KILLED, CLD_DUMPED


class Systemd:
    """All of `ServiceManager` over the system bus; connects anew for each look."""

    def __init__(
        self,
        units: Mapping[Service, str],
        patience: Patience,
        address: str | None = None,
        files: Looking | None = None,
    ) -> None:
        self._units = {key: full_name(name) for key, name in checked_names(units).items()}
        self._patience = patience
        self._address = address
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
            seen = await _known(bus, unit)
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
            return _state(unit, await _known(bus, unit))

    async def restart(self, service: Service) -> ServiceState:
        """Restart and see it stay up. Raises `ActionFailed`."""
        unit = self._units[service]
        try:
            before = await self.state(service)
            result = await self._restarted(before.unit)
            async with self._look() as bus:
                seen = await _known(bus, unit)
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
                if (await _known(bus, unit)).get("Restart") in COMES_BACK:
                    self.end()
                    return
                await bus.begin_restart(unit)
        except RefusedCallError as refusal:
            raise ActionFailed(_refused(unit, refusal)) from refusal
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure

    async def run_unit(self, unit: str) -> None:
        """Start a oneshot unit, and wait for its end as long as it takes. Raises `ActionFailed`.

        One that is at work already is waited for. Cancelled, it goes on.
        """
        unit = full_name(unit)
        try:
            async with self._look() as bus:
                _must_tell_its_end(unit, await _known(bus, unit))
            async with systemd_bus(self._address) as bus:
                result = await bus.start(unit)
                seen = {} if result == "done" else await bus.properties(unit)
        except RefusedCallError as refusal:
            raise ActionFailed(_not_allowed("start", unit, refusal)) from refusal
        except Unreadable as failure:
            raise ActionFailed(failure.why) from None
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure
        if result != "done":
            raise ActionFailed(_ended_badly(unit, result, seen))

    async def unit_state(self, unit: str) -> UnitState:
        unit = full_name(unit)
        async with self._look() as bus:
            seen = await _known(bus, unit)
        began = seen["InactiveExitTimestamp"]
        at_work = seen["ActiveState"] in AT_WORK and seen["SubState"] != "exited"
        return UnitState(
            unit=unit,
            at_work=at_work,
            detail=f"{seen['ActiveState']} ({seen['SubState']})",
            since=datetime.fromtimestamp(began / 1e6, UTC) if at_work and began else None,
        )

    async def stop_unit(self, unit: str) -> None:
        unit, seconds = full_name(unit), self._patience.finish
        try:
            async with asyncio.timeout(seconds), systemd_bus(self._address) as bus:
                result = await bus.stop(unit)
        except TimeoutError:
            late = phrase("unit_stop_timeout", unit=unit, seconds=seconds)
            raise ActionFailed(late) from None
        except RefusedCallError as refusal:
            raise ActionFailed(_not_allowed("stop", unit, refusal)) from refusal
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure
        if result != "done":
            raise ActionFailed(phrase("unit_not_done", verb="stop", unit=unit, said=result))

    async def _restarted(self, unit: str) -> str:
        seconds = self._patience.finish
        try:
            async with asyncio.timeout(seconds), systemd_bus(self._address) as bus:
                return await bus.restart(unit)
        except TimeoutError:
            late = phrase("service_restart_timeout", manager=_SYSTEMD, unit=unit, seconds=seconds)
            raise ActionFailed(late) from None
        except RefusedCallError as refusal:
            raise ActionFailed(_refused(unit, refusal)) from refusal
        except UNREACHABLE as failure:
            raise ActionFailed(unreachable(maybe_done=True)) from failure

    def _look(self) -> AbstractAsyncContextManager[SystemdBus]:
        return looking(self._patience.answer, self._address)


def end_ourselves() -> None:
    """As systemd would: what is under way is finished."""
    os.kill(os.getpid(), signal.SIGTERM)


async def _known(bus: SystemdBus, unit: str) -> Mapping[str, Any]:
    seen = await bus.properties(unit)
    if seen["LoadState"] == "not-found":
        missing = phrase("service_not_found", manager=_SYSTEMD, unit=unit)
        raise Unreadable(missing, Source.SERVICE_MANAGER)
    return seen


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
        **_end(seen),
    )


def _end(seen: Mapping[str, Any]) -> dict[str, Any]:
    """How the main process of the last run ended; systemd forgets it when the next one starts."""
    how, status, at = (seen[f"ExecMain{one}"] for one in ("Code", "Status", "ExitTimestamp"))
    return {
        "exit_code": status if how == _EXITED else None,
        "exit_signal": signal_name(status) if how in _KILLED else None,
        "ended_at": datetime.fromtimestamp(at / 1e6, UTC) if at else None,
    }


def _must_tell_its_end(unit: str, seen: Mapping[str, Any]) -> None:
    """The start of any other kind is over when the work begins, and says nothing of its end."""
    if seen["Type"] != _ONESHOT:
        raise ActionFailed(phrase("job_unit_not_oneshot", unit=unit, type=str(seen["Type"])))
    if seen["ActiveState"] == "active":  # RemainAfterExit=
        raise ActionFailed(phrase("job_unit_stays", unit=unit))


def _ended_badly(unit: str, result: str, seen: Mapping[str, Any]) -> Phrase:
    """`result` is the job's, such as "timeout"; what the unit says of a failure is closer."""
    if result == _STOPPED:
        return phrase("job_unit_stopped", unit=unit)
    end = _end(seen)
    failed = result == "failed"
    return phrase(
        "job_unit_failed",
        unit=unit,
        result=str(seen["Result"]) if failed else result,
        code=end["exit_code"] if failed else None,
        signal=end["exit_signal"] if failed else None,
    )


def _not_done(unit: str, result: str, reason: str) -> Phrase:
    if reason == _START_LIMIT:
        return phrase("service_start_limit", manager=_SYSTEMD, unit=unit)
    return phrase(
        "service_restart_failed", manager=_SYSTEMD, unit=unit, said=f"{result}, {reason}"
    )


def _refused(unit: str, refusal: RefusedCallError) -> Phrase:
    if refusal.name in DENIED:
        return phrase("service_denied", manager=_SYSTEMD, unit=unit)
    return phrase("service_restart_failed", manager=_SYSTEMD, unit=unit, said=refusal.text)


def _not_allowed(verb: str, unit: str, refusal: RefusedCallError) -> Phrase:
    """Units of work have a rule of their own, which people install."""
    if refusal.name in DENIED:
        return phrase("unit_denied", verb=verb, unit=unit)
    return phrase("unit_not_done", verb=verb, unit=unit, said=refusal.text)


def full_name(name: str) -> str:
    return name if name.endswith(".service") else f"{name}.service"
