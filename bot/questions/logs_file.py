"""The same log as a file, whole: every line as often as it was said."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.log_reading import Entry
from bot.core.model import Role, Unreadable, phrase
from bot.core.question import Asking, Command, Document, Page
from bot.questions._services import SERVICE
from bot.questions.logs import FILTER, MINUTES, find


def command() -> Command:
    return Command(
        name="logs_file",
        about="A service's log as a file",
        read=read,
        params=[SERVICE, MINUTES, FILTER],
        role=Role.MANAGER,
        listed=False,
        place=65,
    )


async def read(asking: Asking) -> Page:
    found = await find(asking, counted=False)
    if not found.entries:
        raise Unreadable(phrase("log_empty"))
    zone = asking.moment.zone
    text = "\n".join(line for entry in found.entries for line in lines(entry, zone))
    unit = found.log.unit.removesuffix(".service")
    return Page(
        template="answers/logs_file.html.j2",
        values={"found": found},
        document=Document(name=f"{unit}-{asking.moment.local:%Y-%m-%d-%H%M}.txt", text=text),
    )


def lines(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    first, *others = entry.lines
    yield f"{stamp(entry.first_at, zone)} {first}"
    yield from others


def stamp(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "-"
