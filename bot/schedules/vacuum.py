"""VACUUM once a month, in the maintenance window, and only where it is worth it."""

from datetime import timedelta

from bot.core import way_clear
from bot.core.keyboard import Colour, Key
from bot.core.model import Facts, phrase
from bot.core.planned import Result, Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, action, opening, skipped, told
from bot.core.tools import DatabaseSize
from bot.core.verbs import Verb

LEAST_PCT = 10.0
SLOW_DISK = 50e6  # bytes a second: rather too early for a job than in its way
A_DAY = timedelta(days=1)
ACTION = "remediate_vacuum_db"


def schedule() -> Scheduled:
    return Scheduled(
        name="vacuum",
        title="Monthly VACUUM",
        about="Gives the database's free pages back to the disk, inside MAINTENANCE_WINDOW; "
        "skipped when that would free less than 10 %, and put off while a job of the scheduler is "
        "in its way.",
        when="0 3 1 * *",
        work=work,
        now=Key("Run VACUUM", Verb.DO, ACTION, Colour.DANGER),
    )


async def work(asking: Asking, turn: Turn) -> Deed:
    size = await asking.tools.shop.size()
    if size.free_bytes is not None and size.total:
        share = 100 * size.free_bytes / size.total
        if share < LEAST_PCT:
            return skipped(phrase("schedule_little", **_little(size.free_bytes, share)))
        now = asking.moment.now
        if opening(asking.book.policy, now) == now:
            way = await way_clear.look(asking.tools, now, _seconds(size))
            if way.why is not None:
                return told(Result.WAITS, way.why, way.at or now + A_DAY)
    return action(asking, turn, ACTION)


def _seconds(size: DatabaseSize) -> float:
    """About as long as it takes: all is read, and what is not free is written."""
    return (2 * size.total - (size.free_bytes or 0)) / SLOW_DISK


def _little(free_bytes: int, share: float) -> Facts:
    return {"free_bytes": free_bytes, "share_pct": round(share, 1), "least_pct": LEAST_PCT}
