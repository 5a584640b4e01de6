"""Units of work, such as a oneshot service that collects sales: started, waited for, stopped."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, Final

from bot.core.model import Phrase, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import UnitState
from bot.edges.services.common import Patience, signal_name
from bot.edges.services.dbus import (
    DENIED,
    UNREACHABLE,
    RefusedCallError,
    SystemdBus,
    looking,
    systemd_bus,
    unreachable,
)

SYSTEMD: Final = "systemd"
AT_WORK: Final = ("activating", "active", "reloading", "deactivating")
_ONESHOT: Final = "oneshot"
_STOPPED: Final = "canceled"  # a start whose unit somebody stops meanwhile
_EXITED, _KILLED = 1, (2, 3)  # CLD_EXITED; CLD_KILLED, CLD_DUMPED


class UnitWork:
    """That part of `ServiceManager` over the system bus; connects anew for each look."""

    def __init__(self, patience: Patience, address: str | None = None) -> None:
        self._patience = patience
        self._address = address

    async def run_unit(self, unit: str) -> None:
        """Start a oneshot unit, and wait for its end as long as it takes. Raises `ActionFailed`.

        One that is at work already is waited for. Cancelled, it goes on.
        """
        unit = full_name(unit)
        try:
            async with self._look() as bus:
                _must_tell_its_end(unit, await known(bus, unit))
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
            seen = await known(bus, unit)
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

    def _look(self) -> AbstractAsyncContextManager[SystemdBus]:
        return looking(self._patience.answer, self._address)


async def known(bus: SystemdBus, unit: str) -> Mapping[str, Any]:
    """What systemd says of it. Raises `Unreadable` where there is no such unit."""
    seen = await bus.properties(unit)
    if seen["LoadState"] == "not-found":
        missing = phrase("service_not_found", manager=SYSTEMD, unit=unit)
        raise Unreadable(missing, Source.SERVICE_MANAGER)
    return seen


def how_it_ended(seen: Mapping[str, Any]) -> dict[str, Any]:
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
    end = how_it_ended(seen)
    failed = result == "failed"
    return phrase(
        "job_unit_failed",
        unit=unit,
        result=str(seen["Result"]) if failed else result,
        code=end["exit_code"] if failed else None,
        signal=end["exit_signal"] if failed else None,
    )


def _not_allowed(verb: str, unit: str, refusal: RefusedCallError) -> Phrase:
    """Units of work have a rule of their own, which people install."""
    if refusal.name in DENIED:
        return phrase("unit_denied", verb=verb, unit=unit)
    return phrase("unit_not_done", verb=verb, unit=unit, said=refusal.text)


def full_name(name: str) -> str:
    return name if name.endswith(".service") else f"{name}.service"
