"""Load, memory, disks and programs of this machine, measured in a thread of its own."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from bot.core.machine import Disk, HostState, OwnState, Program
from bot.edges.shop.threads import Stop, Threads

SAMPLE_SECONDS: Final = 0.5
SHOWN: Final = 10
SYSTEM: Final = "system"
_GROUPS: Final = "/proc/{pid}/cgroup"


class LocalHost:
    """`places` names what of ours lives where, such as `{"shop": Path("…")}`."""

    def __init__(self, places: Mapping[str, Path], *, seconds: float = SAMPLE_SECONDS) -> None:
        self._places = {SYSTEM: Path("/"), **places}
        self._seconds = seconds
        self._threads = Threads("host", workers=1)

    async def look(self) -> HostState:
        return await self._threads.run(self._look)

    async def disks(self) -> Sequence[Disk]:
        return await self._threads.run(lambda _: disks(self._places))

    async def own(self) -> OwnState:
        return await self._threads.run(lambda _: _own())

    async def aclose(self) -> None:
        await self._threads.close()

    def _look(self, stop: Stop) -> HostState:
        before, whole = _cpu_seconds(), psutil.cpu_times()
        stop.wait(self._seconds)
        programs = _programs(before, self._seconds)
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        return HostState(
            load=psutil.getloadavg(),
            cores=psutil.cpu_count() or 1,
            cpu_pct=_busy_pct(whole, psutil.cpu_times()),
            memory_bytes=memory.total,
            memory_free_bytes=memory.available,
            swap_bytes=swap.total,
            swap_used_bytes=swap.used,
            up_since=datetime.fromtimestamp(psutil.boot_time(), UTC),
            disks=disks(self._places),
            busiest=_top(sorted(programs, key=lambda one: (-one.cpu_pct, -one.memory_bytes))),
            largest=_top(sorted(programs, key=lambda one: -one.memory_bytes)),
        )


def disks(places: Mapping[str, Path]) -> list[Disk]:
    """Each file system once, however many of the places it holds."""
    found: dict[int, tuple[Path, list[str]]] = {}
    for name, path in places.items():
        with suppress(OSError):
            place = _nearest(path)
            found.setdefault(place.stat().st_dev, (_mount(place), []))[1].append(name)
    made = []
    for mount, holds in found.values():
        with suppress(OSError):
            usage = psutil.disk_usage(str(mount))
            made.append(
                Disk(mount=str(mount), total_bytes=usage.total, free_bytes=usage.free, holds=holds)
            )
    return made


def _nearest(path: Path) -> Path:
    """Find the first folder above that exists: a database may not be there yet."""
    place = path.resolve()
    return next(one for one in (place, *place.parents) if one.exists())


def _mount(path: Path) -> Path:
    device = path.stat().st_dev
    return next(
        one
        for one in (path, *path.parents)
        if one.parent == one or one.parent.stat().st_dev != device
    )


def _cpu_seconds() -> dict[tuple[int, float], float]:
    """CPU time so far by process; a start time tells a reused number from the old process."""
    found = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found[process.pid, process.create_time()] = _seconds(process)
    return found


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _programs(before: Mapping[tuple[int, float], float], span: float) -> list[Program]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            began = before.get((process.pid, process.create_time()))
            if began is None:  # younger than the measurement
                continue
            found.append(
                Program(
                    name=process.name(),
                    pid=process.pid,
                    cpu_pct=round(100 * (_seconds(process) - began) / span, 1),
                    memory_bytes=process.memory_info().rss,
                )
            )
    return found


def _top(programs: Sequence[Program]) -> list[Program]:
    return [
        Program(
            name=one.name,
            pid=one.pid,
            cpu_pct=one.cpu_pct,
            memory_bytes=one.memory_bytes,
            unit=unit_of(one.pid),
        )
        for one in programs[:SHOWN]
    ]


def unit_of(pid: int) -> str | None:
    """Name the systemd service a process belongs to; it tells one python3 from another."""
    try:
        groups = Path(_GROUPS.format(pid=pid)).read_text(encoding="utf-8")
    except OSError:
        return None
    parts = [part for line in groups.splitlines() for part in line.split("/")]
    return next((one for one in reversed(parts) if one.endswith(".service")), None)


def _busy_pct(before: object, after: object) -> float:
    """Tell the share of all cores' time that was not idle."""
    spent = {
        name: getattr(after, name) - getattr(before, name)
        for name in ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
        if hasattr(after, name)
    }
    whole = sum(spent.values())
    idle = spent["idle"] + spent.get("iowait", 0.0)
    return round(100 * (whole - idle) / whole, 1) if whole > 0 else 0.0


def _own() -> OwnState:
    process = psutil.Process(os.getpid())
    return OwnState(
        pid=process.pid,
        since=datetime.fromtimestamp(process.create_time(), UTC),
        memory_bytes=process.memory_info().rss,
        unit=unit_of(process.pid),
    )
