"""What a service was told: unit file, drop-ins, timers, crontab, and what changed in them."""

from bot.core import versions
from bot.core.keyboard import Key
from bot.core.machine import ServiceConfig
from bot.core.model import Json, Role
from bot.core.question import Asking, Command, Document, Page
from bot.core.tools import Service
from bot.core.verbs import Verb
from bot.questions._services import SERVICE

ROOM = 2_600  # characters of files in one answer; the file has all
MOST_CHANGES = 20  # lines


def command() -> Command:
    return Command(
        name="config",
        about="A service's unit file, timers and crontab, and what changed",
        read=read,
        params=[SERVICE],
        role=Role.MANAGER,
        place=66,
        runbooks=[6],
    )


async def read(asking: Asking) -> Page:
    service = Service(str(asking.args["service"]))
    known = await asking.tools.configs.config(service)
    kept = await _seen(asking, service, known)
    text = "\n\n".join(f"# {file.name}\n{file.text}" for file in known.files)
    room = ROOM
    shown = []
    for file in known.files:
        lines = _fitting(file.text.splitlines(), room)
        room -= sum(len(line) + 1 for line in lines)
        shown.append((file, lines))
    whole = all(len(lines) == len(file.text.splitlines()) for file, lines in shown)
    return Page(
        template="answers/config.html.j2",
        values={
            "known": known,
            "shown": shown,
            "whole": whole,
            "changes": versions.changes(kept),
            "changed_at": kept.get("at") if isinstance(kept, dict) else None,
            "most": MOST_CHANGES,
        },
        keys=[
            [
                Key("Refresh", Verb.ASK, f"config {service}"),
                Key("Service", Verb.ASK, f"svc {service}"),
            ]
        ],
        document=None if whole else Document(name=f"{known.unit}.txt", text=text),
    )


async def _seen(asking: Asking, service: Service, known: ServiceConfig) -> Json:
    """Keep the last two versions: the difference can be looked at as often as one likes."""
    key = f"config:{service}"
    before = await asking.tools.memory.get(key)
    after = versions.remembered(before, known.files, asking.moment.now)
    if after is None:
        return before
    await asking.tools.memory.put(key, after)
    return after


def _fitting(lines: list[str], room: int) -> list[str]:
    kept = 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept += 1
    return lines[:kept]
