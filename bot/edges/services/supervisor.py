"""supervisord over XML-RPC, where there is no systemd: the demo, containers."""

import xmlrpc.client  # replies are capped and come from the address in the settings
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from xml.parsers.expat import ExpatError

from bot.core.model import Phrase, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.http import Call, Limits, NoReply, Remote, Reply
from bot.edges.services.common import Patience, checked_names, stayed_up

_SUPERVISOR: Final = "supervisor"
_ENDPOINT: Final = "/RPC2"
_LARGEST: Final = 256_000
_BAD_NAME, _ALREADY_STARTED, _NOT_RUNNING = 10, 60, 70  # supervisor.xmlrpc.Faults


class Supervisor:
    """`Services` and `ServiceControl` over `SUPERVISOR_URL`. Close it when done.

    supervisord knows no restart, only stop and start: an assistant killed in between leaves the
    service stopped, which its own check then reports.
    """

    def __init__(self, units: Mapping[Service, str], patience: Patience, address: str) -> None:
        self._units = checked_names(units)
        self._patience = patience
        base = address.rstrip("/").removesuffix(_ENDPOINT)  # people write it with and without
        self._remote = Remote(base, Source.SERVICE_MANAGER)

    async def aclose(self) -> None:
        await self._remote.aclose()

    async def state(self, service: Service) -> ServiceState:
        unit = self._units[service]
        try:
            info = await self._ask("getProcessInfo", unit, seconds=self._patience.answer)
            return _state(unit, info)
        except xmlrpc.client.Fault as fault:
            raise _unreadable(_faulty(unit, fault)) from None
        except (LookupError, TypeError, ValueError, OverflowError):
            raise _unreadable(_unclear("getProcessInfo")) from None

    async def restart(self, service: Service) -> ServiceState:
        """Stop, start and see it stay up. Raises `ActionFailed`."""
        unit = self._units[service]
        try:
            await self.state(service)
            await self._unless(_NOT_RUNNING, "stopProcess", unit)
            await self._unless(_ALREADY_STARTED, "startProcess", unit)
            started = await self.state(service)
        except xmlrpc.client.Fault as fault:
            raise ActionFailed(_faulty(unit, fault)) from None
        except NoReply as failure:
            raise ActionFailed(self._unanswered(unit, failure)) from None
        except Unreadable as failure:
            raise ActionFailed(failure.why) from None
        return await stayed_up(partial(self.state, service), started, self._patience)

    async def _unless(self, harmless: int, method: str, unit: str) -> None:
        try:
            await self._ask(method, unit, seconds=self._patience.finish)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != harmless:
                raise

    async def _ask(self, method: str, unit: str, *, seconds: float) -> Any:  # noqa: ANN401  # XML-RPC
        call = Call(
            method="POST",
            path=_ENDPOINT,
            headers={"Content-Type": "text/xml"},
            content=xmlrpc.client.dumps((unit,), f"supervisor.{method}").encode(),
            limits=Limits(seconds=seconds, size=_LARGEST),
        )
        return _value(await self._remote.fetch(call), method)

    def _unanswered(self, unit: str, failure: NoReply) -> Phrase:
        if failure.why.values.get("status") in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return phrase("service_denied", manager=_SUPERVISOR, unit=unit)
        if failure.why.key == "http_timeout":
            seconds = failure.why.values["seconds"]
            return phrase(
                "service_restart_timeout", manager=_SUPERVISOR, unit=unit, seconds=seconds
            )
        return failure.of_action


def _value(reply: Reply, method: str) -> Any:  # noqa: ANN401  # XML-RPC
    """Take the one value of a reply. Raises `Fault` where the reply is one."""
    try:
        (value,), _ = xmlrpc.client.loads(reply.body.decode())
    except (ExpatError, xmlrpc.client.ResponseError, LookupError, TypeError, ValueError):
        raise _unreadable(_unclear(method)) from None
    return value


def _state(unit: str, info: Mapping[str, Any]) -> ServiceState:
    running = info["statename"] == "RUNNING"
    return ServiceState(
        unit=unit,
        running=running,
        detail=str(info["statename"]),
        run_id=f"{info['pid']}@{info['start']}",
        since=datetime.fromtimestamp(info["start"], UTC) if running else None,
    )


def _faulty(unit: str, fault: xmlrpc.client.Fault) -> Phrase:
    if fault.faultCode == _BAD_NAME:
        return phrase("service_not_found", manager=_SUPERVISOR, unit=unit)
    return phrase(
        "service_restart_failed", manager=_SUPERVISOR, unit=unit, said=fault.faultString[:300]
    )


def _unclear(said: str) -> Phrase:
    return phrase("service_manager_unclear", manager=_SUPERVISOR, said=said)


def _unreadable(why: Phrase) -> Unreadable:
    return Unreadable(why, Source.SERVICE_MANAGER)
