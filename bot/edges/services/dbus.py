"""The few calls to systemd's manager over D-Bus, each with its answer or its refusal."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from dbus_fast import BusType, DBusError, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from bot.core.model import Phrase, Source, Unreadable, phrase

_NAME: Final = "org.freedesktop.systemd1"
_PATH: Final = "/org/freedesktop/systemd1"
_MANAGER: Final = f"{_NAME}.Manager"
_BUS: Final = "org.freedesktop.DBus"
_JOB_REMOVED: Final = f"type='signal',sender='{_NAME}',interface='{_MANAGER}',member='JobRemoved'"

UNREACHABLE: Final = (OSError, EOFError, AuthError, InvalidAddressError, DBusError)


DENIED: Final = {
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
}
_NOBODY: Final = ("ServiceUnknown", "NameHasNoOwner", "NoReply", "TimedOut", "Disconnected")


class RefusedCallError(Exception):
    """The other side answered with an error; `name` is its D-Bus name."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text

    @property
    def nobody(self) -> bool:
        """Whether it is the bus that answers, because no systemd is there."""
        return ".Spawn." in self.name or self.name.endswith(_NOBODY)


class SystemdBus:
    """A connection to systemd. Losing it raises one of `UNREACHABLE`; waiting has no limit."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._results: dict[str, str] = {}
        self._news = asyncio.Event()

    async def properties(self, unit: str) -> Mapping[str, Any]:
        """Load a unit if need be and read all that systemd knows of it as a unit and a service."""
        (path,) = await self._call("LoadUnit", "s", unit)
        return await self._all(path, "Unit") | await self._all(path, "Service")

    async def timers(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Name the timers that are loaded, with what systemd knows of each."""
        (units,) = await self._call("ListUnitsByPatterns", "asas", [], ["*.timer"])
        return [(name, await self._all(path, "Timer")) for name, *_, path, _, _, _ in units]

    async def begin_restart(self, unit: str, mode: str = "replace") -> None:
        """Ask for a restart; the answer says only that it was taken."""
        await self._call("RestartUnit", "ss", unit, mode)

    async def offers(self, name: str) -> bool:
        """Whether the bus has, or would start, a service of this name."""
        (names,) = await self._call("ListActivatableNames", to=_BUS)
        (running,) = await self._call("ListNames", to=_BUS)
        return name in names or name in running

    async def restart(self, unit: str) -> str:
        """Restart a unit and wait for the job's result: "done", or a word for what went wrong."""
        return await self._job("RestartUnit", unit)

    async def start(self, unit: str) -> str:
        """Start a unit likewise; the job of a oneshot unit ends with its work."""
        return await self._job("StartUnit", unit)

    async def stop(self, unit: str) -> str:
        """Stop a unit likewise; the job ends when all its processes are gone."""
        return await self._job("StopUnit", unit)

    async def _job(self, member: str, unit: str) -> str:
        self._bus.add_message_handler(self._hear)
        await self._call("AddMatch", "s", _JOB_REMOVED, to=_BUS)
        with suppress(RefusedCallError):  # "AlreadySubscribed"; anything worse shows below
            await self._call("Subscribe")
        (job,) = await self._call(member, "ss", unit, "replace")
        while job not in self._results:  # a quick job is over before its name arrives here
            self._news.clear()
            await self._news.wait()
        return self._results[job]

    def _hear(self, message: Message) -> None:
        if message.member == "JobRemoved" and message.interface == _MANAGER:
            _, job, _, result = message.body
            self._results[job] = result
            self._news.set()

    async def _all(self, path: str, interface: str) -> dict[str, Any]:
        message = Message(
            destination=_NAME,
            path=path,
            interface=f"{_BUS}.Properties",
            member="GetAll",
            signature="s",
            body=[f"{_NAME}.{interface}"],
        )
        (values,) = await self._answer(message)
        return {name: variant.value for name, variant in values.items()}

    async def _call(self, member: str, signature: str = "", *body: object, to: str = _NAME) -> Any:  # noqa: ANN401  # D-Bus is typed by its signature, at run time
        return await self._answer(
            Message(
                destination=to,
                path=_PATH if to == _NAME else "/org/freedesktop/DBus",
                interface=_MANAGER if to == _NAME else _BUS,
                member=member,
                signature=signature,
                body=list(body),
            )
        )

    async def _answer(self, message: Message) -> Any:  # noqa: ANN401  # as above
        reply = await self._bus.call(message)
        if reply.message_type is MessageType.ERROR:
            text = str(reply.body[0]) if reply.body else ""
            raise RefusedCallError(reply.error_name or "", text)
        return reply.body


@asynccontextmanager
async def systemd_bus(address: str | None = None) -> AsyncIterator[SystemdBus]:
    """Connect to the system bus, or to the one at `address`, for as long as the block lasts."""
    bus = MessageBus(bus_address=address, bus_type=BusType.SYSTEM)
    await bus.connect()
    try:
        yield SystemdBus(bus)
    finally:
        bus.disconnect()
        with suppress(*UNREACHABLE):
            # Only then is its socket closed.
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # not annotated there


@asynccontextmanager
async def looking(seconds: float, address: str | None = None) -> AsyncIterator[SystemdBus]:
    """Connect for a look, within `seconds`. Raises `Unreadable`."""
    try:
        async with asyncio.timeout(seconds), systemd_bus(address) as bus:
            yield bus
    except RefusedCallError as refusal:
        why = phrase("service_manager_unclear", manager="systemd", said=refusal.text)
        raise Unreadable(
            unreachable() if refusal.nobody else why, Source.SERVICE_MANAGER
        ) from refusal
    except UNREACHABLE as failure:  # a TimeoutError is an OSError
        raise Unreadable(unreachable(), Source.SERVICE_MANAGER) from failure


def unreachable(*, maybe_done: bool = False) -> Phrase:
    return phrase("service_manager_unreachable", manager="systemd", maybe_done=maybe_done)
