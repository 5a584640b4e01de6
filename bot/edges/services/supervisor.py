"""supervisord over XML-RPC, where there is no systemd: the demo, containers."""

import asyncio
import re
import xmlrpc.client  # replies are capped and come from the address in the settings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from xml.parsers.expat import ExpatError

from bot.core.machine import LogLine, LogLines, ServiceConfig
from bot.core.model import Phrase, Source, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.core.tools import Service, ServiceState
from bot.edges.http import Call, Limits, NoReply, Remote, Reply
from bot.edges.services import child_life, child_log, unit_files
from bot.edges.services.common import KnowsNoSelf, Looking, Patience, checked_names, stayed_up
from bot.edges.services.log_pieces import Pieces
from bot.edges.shop.threads import Stop, Threads

_SUPERVISOR: Final = "supervisor"
_ENDPOINT: Final = "/RPC2"
_LARGEST: Final = 256_000  # bytes of an answer, unless it is a log
_TAIL: Final = 1_000_000  # bytes of a log file, from its end
_NO_LOG: Final = (20, 30)  # supervisor.xmlrpc.Faults: NO_FILE, FAILED
_COLOURS: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROLS: Final = bytes(one for one in range(32) if one not in b"\t\n\r")
_BAD_NAME, _ALREADY_STARTED, _NOT_RUNNING = 10, 60, 70  # supervisor.xmlrpc.Faults


class Supervisor(KnowsNoSelf):
    """All of `ServiceManager` over `SUPERVISOR_URL`. Close it when done.

    supervisord knows no restart, only stop and start: an assistant killed in between leaves the
    service stopped, which its own check then reports.
    """

    def __init__(
        self,
        units: Mapping[Service, str],
        patience: Patience,
        address: str,
        looking: Looking | None = None,
    ) -> None:
        self._units = checked_names(units)
        self._patience = patience
        self._redact = (looking or Looking()).redact
        base = address.rstrip("/").removesuffix(_ENDPOINT)  # people write it with and without
        self._remote = Remote(base, Source.SERVICE_MANAGER)
        self._threads = Threads("services", workers=1)

    async def aclose(self) -> None:
        await self._threads.close()
        await self._remote.aclose()

    async def state(self, service: Service) -> ServiceState:
        """What it says, and of a running one what the machine and its own log say beside."""
        state, info = await self._looked(service)
        if not state.running:
            return state
        pid, start = int(info["pid"]), float(info["start"])
        name, log = str(info.get("name")), await self._main_log()

        def beside(_stop: Stop) -> ServiceState:
            memory, restarts = child_life.memory(pid, start), child_life.restarts(log, name, pid)
            return replace(state, memory_bytes=memory, restarts=restarts)

        return await self._threads.run(beside)

    async def _looked(self, service: Service) -> tuple[ServiceState, Mapping[str, Any]]:
        unit = self._units[service]
        try:
            info = await self._ask("getProcessInfo", unit, seconds=self._patience.answer)
            return _state(unit, info), info
        except xmlrpc.client.Fault as fault:
            raise _unreadable(_faulty(unit, fault)) from None
        except (LookupError, TypeError, ValueError, OverflowError):
            raise _unreadable(_unclear("getProcessInfo")) from None

    async def _main_log(self) -> str:
        """The end of its own log; nothing where it keeps none or does not show it."""
        try:
            return str(await self._ask("readLog", -_TAIL, 0, seconds=self._patience.answer))
        except (xmlrpc.client.Fault, Unreadable):
            return ""

    async def lines(self, service: Service, since: datetime, *, most: int) -> LogLines:
        """Read the ends of its two log files; where lines have no time, all of them count."""
        unit = self._units[service]
        found: list[LogLine] = []
        begins: list[datetime | None] = []  # of what was not read whole
        for stream in ("Stdout", "Stderr"):
            text, torn = await self._tail(unit, stream)
            read = await self._threads.run(partial(self._parsed, text, torn=torn))
            first = next((one.at for one in read if one.at), None)
            if torn and (first is None or first > since):
                begins.append(first)
            found += child_log.since(read, since)
        timed = all(one.at for one in found)
        if timed:
            found.sort(key=lambda one: one.at or since)
        if len(found) > most:
            begins.append(found[-most].at if timed else None)
        whole_from = max((one for one in begins if one), default=None)
        return LogLines(
            unit=unit,
            lines=found[-most:],
            cut=bool(begins),
            whole_from=None if None in begins else whole_from,
        )

    def _parsed(self, text: str, _stop: Stop, *, torn: bool) -> list[LogLine]:
        """Ten thousand lines take half a second, in which nobody's tap would be taken."""
        return list(child_log.parsed(text, self._redact, torn=torn))

    async def _tail(self, unit: str, stream: str) -> tuple[str, bool]:
        """The end of a log file, and whether there is more of it."""
        method = f"tailProcess{stream}Log"
        try:
            found = await self._ask(method, unit, 0, _TAIL, seconds=self._patience.answer)
            text, _, more = found
        except NoReply as failure:
            if not _refused(failure):
                raise
            return await self._in_pieces(unit, stream)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in _NO_LOG:
                return "", False
            raise _unreadable(_faulty(unit, fault)) from None
        except (TypeError, ValueError):
            raise _unreadable(_unclear(method)) from None
        return str(text), bool(more)

    async def _in_pieces(self, unit: str, stream: str) -> tuple[str, bool]:
        _, size, _ = await self._ask(
            f"tailProcess{stream}Log", unit, 0, 0, seconds=self._patience.answer
        )
        begin = max(0, int(size) - _TAIL)

        async def fetch(offset: int, length: int) -> str | None:
            method = f"readProcess{stream}Log"
            try:
                return str(
                    await self._ask(method, unit, offset, length, seconds=self._patience.answer)
                )
            except NoReply as failure:
                if not _refused(failure):
                    raise
                return None

        try:
            async with asyncio.timeout(self._patience.answer):
                return await Pieces(fetch).read(begin, int(size)), begin > 0
        except TimeoutError:
            raise _unreadable(_unclear(f"readProcess{stream}Log")) from None

    async def config(self, service: Service) -> ServiceConfig:
        unit = self._units[service]
        try:
            known = await self._ask("getAllConfigInfo", seconds=self._patience.answer)
            (own,) = [
                one for one in known if unit in {one["name"], f"{one['group']}:{one['name']}"}
            ]
            text = "\n".join(f"{key}={value}" for key, value in sorted(own.items()))
        except xmlrpc.client.Fault as fault:
            raise _unreadable(_faulty(unit, fault)) from None
        except (LookupError, TypeError, ValueError):
            raise _unreadable(_unclear("getAllConfigInfo")) from None
        return ServiceConfig(
            unit=unit, files=[unit_files.shown(f"program:{unit}", text, self._redact)]
        )

    async def restart(self, service: Service) -> ServiceState:
        """Stop, start and see it stay up. Raises `ActionFailed`."""
        unit = self._units[service]
        try:
            await self._looked(service)
            await self._unless(_NOT_RUNNING, "stopProcess", unit)
            await self._unless(_ALREADY_STARTED, "startProcess", unit)
            started, _ = await self._looked(service)
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

    async def _ask(self, method: str, *arguments: str | int, seconds: float) -> Any:  # noqa: ANN401  # XML-RPC
        call = Call(
            method="POST",
            path=_ENDPOINT,
            headers={"Content-Type": "text/xml"},
            content=xmlrpc.client.dumps(arguments, f"supervisor.{method}").encode(),
            limits=Limits(seconds=seconds, size=8 * _TAIL if method.endswith("Log") else _LARGEST),
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


def _refused(failure: NoReply) -> bool:
    return failure.why.values.get("status") == HTTPStatus.INTERNAL_SERVER_ERROR


def _value(reply: Reply, method: str) -> Any:  # noqa: ANN401  # XML-RPC
    """Take the one value of a reply. Raises `Fault` where the reply is one."""
    try:
        # A program's own escape codes are repeated in its log, and XML has no way to say them.
        body = _COLOURS.sub(b"", reply.body).translate(None, _CONTROLS)
        (value,), _ = xmlrpc.client.loads(body.decode())
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
        exit_code=info["exitstatus"] if info.get("stop") and not running else None,
        ended_at=datetime.fromtimestamp(info["stop"], UTC) if info.get("stop") else None,
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
