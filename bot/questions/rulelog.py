"""Who changed which commission rate when, and what it was to cost."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.model import Row
from bot.core.paging import turn
from bot.core.params import days
from bot.core.question import Asking, Command, Page
from bot.core.rate_log import Change
from bot.questions import _rate_changes

SIZE = 8
LONGEST = 400  # runs are kept for HISTORY_DAYS


def command() -> Command:
    return Command(
        name="rulelog",
        about="Who changed which commission rate when, old and new, in roubles, undone or not",
        read=read,
        table=table,
        params=[days(30, LONGEST)],
        runbooks=[4],
        needs=_rate_changes.NEEDS,
        place=51,
    )


async def read(asking: Asking) -> Page:
    span = asking.number("days")
    found, trouble = await _rate_changes.read(asking, span)
    page = turn(asking.page, total=len(found), size=SIZE)
    keys = page.keys_through(f"rulelog {span}")
    values = {
        "changes": page.of(found),
        "total": len(found),
        "days": span,
        "page": page,
        "trouble": trouble,
    }
    return Page(
        template="answers/rulelog.html.j2",
        values=values,
        keys=[keys] if keys else [],
        files=bool(found),
    )


async def table(asking: Asking) -> Sequence[Row]:
    found, _ = await _rate_changes.read(asking, asking.number("days"))
    return [_row(one, asking.moment.zone) for one in found]


def _row(one: Change, zone: ZoneInfo) -> Row:
    return {
        "changed_at": _text(one.at, zone),
        "by": one.who or "not by the assistant",
        "marketplace": one.marketplace,
        "category": one.category,
        "old_pct": one.old_pct,
        "new_pct": one.new_pct,
        "from": one.since,
        "effect_rub": one.effect_rub,
        "effect_days": one.effect_days,
        "undone_by": one.undone_by,
        "undone_at": _text(one.undone_at, zone),
        "changed_since": one.gone,
        "run": one.run_id,
    }


def _text(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
