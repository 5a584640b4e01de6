"""The machine: load, memory, disks, and the programs that use most of it."""

from bot.core.keyboard import Key
from bot.core.question import Asking, Command, Page
from bot.core.verbs import Verb

ROOM = 0.1  # of memory left, and programs are about to be killed


def command() -> Command:
    return Command(
        name="host",
        about="The machine: load, memory, swap, disks, top programs",
        read=read,
        place=62,
        runbooks=[1, 6],
    )


async def read(asking: Asking) -> Page:
    seen = await asking.tools.host.look()
    return Page(
        template="answers/host.html.j2",
        values={
            "host": seen,
            "busy": seen.load[1] > seen.cores,
            "tight": seen.memory_free_bytes < ROOM * seen.memory_bytes,
        },
        keys=[[Key("Refresh", Verb.ASK, "host"), Key("Services", Verb.ASK, "svc")]],
    )
