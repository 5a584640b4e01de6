"""What systemd would let this account do, asked without doing it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.edges.services.dbus import DENIED, RefusedCallError, SystemdBus, looking
from bot.edges.services.systemd import COMES_BACK
from bot.edges.services.unit_work import full_name

STRANGER: Final = "systemd-journald.service"  # nobody may let us restart this one
_REFUSED_LATER: Final = "only valid for stop"
_POLKIT: Final = "org.freedesktop.PolicyKit1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Whether each of `ours` may be restarted, and a `stranger`."""

    ours: Mapping[str, bool]
    stranger: bool
    has_polkit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUnit:
    """`comes_back`: systemd starts it again whenever it ends."""

    main_pid: int
    comes_back: bool


async def rights(units: Iterable[str], *, seconds: float, address: str | None = None) -> Rights:
    """Ask for each unit, and for one that must be denied. Raises `Unreadable`."""
    async with looking(seconds, address) as bus:
        return Rights(
            ours={unit: await _may_restart(bus, full_name(unit)) for unit in units},
            stranger=await _may_restart(bus, STRANGER),
            has_polkit=await bus.offers(_POLKIT),
        )


async def own_unit(name: str, *, seconds: float, address: str | None = None) -> OwnUnit | None:
    """Read what systemd knows of the assistant's own unit; None: nothing. Raises `Unreadable`."""
    async with looking(seconds, address) as bus:
        seen = await bus.properties(full_name(name))
    if seen["LoadState"] == "not-found":
        return None
    return OwnUnit(main_pid=seen["MainPID"], comes_back=seen["Restart"] in COMES_BACK)


async def _may_restart(bus: SystemdBus, unit: str) -> bool:
    """Ask for what may be allowed and can never be done.

    A restart "triggering" what would stop is nonsense. systemd says so after it has asked polkit
    about this account, this unit and the verb "restart", and then there is no restart.
    """
    try:
        await bus.begin_restart(unit, "triggering")
    except RefusedCallError as refusal:
        if refusal.name in DENIED:
            return False
        if _REFUSED_LATER not in refusal.text:
            raise
    return True
