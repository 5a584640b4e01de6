"""Things that are done by the calendar, one in each state there is."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot import schedules
from bot.core import planned
from bot.core.model import phrase
from bot.core.planned import Planned, Plans, Result
from bot.core.ports import Tx
from bot.edges.schedules import when
from tests.conftest import NOON

ZONE = "Europe/Moscow"
PLANS = Plans(
    zone=ZONE,
    known={
        name: Planned(
            name=name,
            title=one.title,
            about=one.about,
            when=when(name, "off" if name == "missed_jobs" else one.when, ZoneInfo(ZONE)),
            usual=one.when,
            now=one.now,
        )
        for name, one in schedules.load().items()
    },
)
OUTCOMES = {
    "brief": (Result.DONE, None, 6),
    "report_weekly": (Result.FAILED, phrase("shop_locked", path="/var/lib/sovani/shop.db"), 1),
    "vacuum": (
        Result.SKIPPED,
        phrase("schedule_little", free_bytes=212_000_000, share_pct=3.8, least_pct=10.0),
        24 * 22,
    ),
    "retention": (
        Result.WAITS,
        phrase("schedule_window", at="2026-11-24T02:30:00+03:00"),
        2,
    ),
    "missed_jobs": (Result.SKIPPED, phrase("automatic_off"), 24 * 40),
}


def several(tx: Tx) -> None:
    for name, one in PLANS.known.items():
        entry = planned.settled(None, one, ZONE, NOON)
        if name in OUTCOMES:
            result, why, hours = OUTCOMES[name]
            ended_at = NOON - timedelta(hours=hours)
            entry = replace(entry, result=result, why=why, ended_at=ended_at)
        if name == "report_weekly":
            entry = replace(entry, tries=2, due=NOON - timedelta(hours=1))
            entry = replace(entry, next_at=NOON + timedelta(minutes=30))
        if name == "review":
            entry = planned.asked(entry, "Konstantin Konstantinopolsky", NOON)
        tx.schedules.save(entry)
