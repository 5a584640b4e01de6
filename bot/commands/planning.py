"""What is done by the calendar: the files of `bot/schedules` with the times of the settings."""

from collections.abc import Mapping
from datetime import timedelta

from bot import schedules
from bot.commands.build import Parts
from bot.core.model import Moment
from bot.core.planned import Turn
from bot.core.question import Asking, Command
from bot.core.schedule import SYSTEM
from bot.core.timetable import Timetable
from bot.edges.clock import utc_now
from bot.edges.lookout import Lookout
from bot.edges.tasks import Tasks


def timetable(parts: Parts, commands: Mapping[str, Command]) -> Timetable:
    return Timetable(
        store=parts.store,
        book=parts.book,
        scheduled=schedules.load(),
        asking=lambda: asking(parts, commands),
        clock=utc_now,
    )


def asking(parts: Parts, commands: Mapping[str, Command]) -> Asking:
    """The assistant itself asks, in the name of nobody."""
    return Asking(
        who=SYSTEM,
        chat_id=parts.settings.admin_chat.chat,
        of_admins=True,
        moment=Moment(now=utc_now(), zone=parts.settings.zone),
        tools=parts.tools,
        store=parts.store,
        book=parts.book,
        access=parts.access,
        args={},
        wording=parts.cards,
        commands=commands,
        interval=timedelta(seconds=parts.settings.check_interval_sec),
    )


async def keep_to(table: Timetable, tasks: Tasks, lookout: Lookout) -> None:
    """Hand out what is due, each on its own: one that hangs stops no other."""
    busy: set[str] = set()

    async def do(turn: Turn) -> None:
        try:
            await table.do(turn)
        finally:
            busy.discard(turn.name)

    while True:
        for turn in await table.due():
            if turn.name not in busy:
                busy.add(turn.name)
                tasks.start(do(turn), name=f"schedule {turn.name}")
        await lookout.until(await table.next_at())
