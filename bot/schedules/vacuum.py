"""VACUUM once a month, in the maintenance window, and only where it is worth it."""

from bot.core.keyboard import Colour, Key
from bot.core.model import Facts, phrase
from bot.core.planned import Turn
from bot.core.question import Asking
from bot.core.schedule import Deed, Scheduled, action, skipped
from bot.core.verbs import Verb

LEAST_PCT = 10.0
ACTION = "remediate_vacuum_db"


def schedule() -> Scheduled:
    return Scheduled(
        name="vacuum",
        title="Monthly VACUUM",
        about="Gives the database's free pages back to the disk, inside MAINTENANCE_WINDOW; "
        "skipped when that would free less than 10 %.",
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
    return action(asking, turn, ACTION)


def _little(free_bytes: int, share: float) -> Facts:
    return {"free_bytes": free_bytes, "share_pct": round(share, 1), "least_pct": LEAST_PCT}
