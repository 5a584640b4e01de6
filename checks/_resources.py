"""What the machine was doing when a job ran too long, kept for whoever asks later."""

from typing import Final

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from bot.core.machine import HostState
from bot.core.model import Json, Moment, Unreadable
from bot.core.tools import Tools
from checks._memory import recall, remember
from checks._runs import Run

SHOWN: Final = 5  # programs


class Top(BaseModel, frozen=True):
    name: str
    cpu_pct: float
    memory_bytes: int


class Resources(BaseModel, frozen=True):
    """Taken once a run, when it was first seen to be too long."""

    run: AwareDatetime
    at: AwareDatetime
    load: float  # of the last 5 minutes
    cores: int
    memory_bytes: int
    memory_free_bytes: int
    swap_used_bytes: int
    top: list[Top]


_SHAPE: Final[TypeAdapter[Resources | None]] = TypeAdapter(Resources | None)


async def keep(tools: Tools, job: str, run: Run, at: Moment) -> None:
    """Take a look at the machine, unless this run has one. A look that fails is no trouble."""
    before = await last(tools, job)
    if before is not None and before.run == run.started:
        return
    try:
        seen = await tools.host.look()
    except Unreadable:
        return
    await remember(tools.memory, _key(job), _SHAPE, _made(seen, run, at))


async def last(tools: Tools, job: str) -> Resources | None:
    return await recall(tools.memory, _key(job), _SHAPE, None)


def facts(known: Resources | None) -> Json:
    return None if known is None else known.model_dump(mode="json")


def _key(job: str) -> str:
    return f"scheduler_on_time:resources:{job}"


def _made(seen: HostState, run: Run, at: Moment) -> Resources:
    return Resources(
        run=run.started,
        at=at.now,
        load=round(seen.load[1], 2),
        cores=seen.cores,
        memory_bytes=seen.memory_bytes,
        memory_free_bytes=seen.memory_free_bytes,
        swap_used_bytes=seen.swap_used_bytes,
        top=[
            Top(name=one.unit or one.name, cpu_pct=one.cpu_pct, memory_bytes=one.memory_bytes)
            for one in seen.busiest[:SHOWN]
        ],
    )
