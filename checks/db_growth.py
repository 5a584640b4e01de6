"""The shop's database outgrows its file or its disk.

Sees      the file with its write-ahead log over 5 GB (over 8 GB: error), its disk nearly full,
          and the disks of the assistant's own tables and archives where they are others.
Explains  what grows how fast, what VACUUM would free, and when the limit is reached.
Repairs   by VACUUM, by itself inside the maintenance window.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Final

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from bot.core.model import (
    Facts,
    Json,
    Moment,
    Reading,
    Severity,
    Unreadable,
    fires,
    ok,
    phrase,
    unknown,
)
from bot.core.runbook import Runbook
from bot.core.tools import DatabaseSize, Tools
from checks import _disks
from checks._config import CheckConfig, diagnose
from checks._memory import recall, remember
from checks._steps.db_growth import STEPS

SUBJECT: Final = "shop database"
SAMPLES: Final = "db_growth:daily"
TABLES_DAY: Final = "db_growth:tables"
TABLES_KEPT: Final = 25
KEPT_DAYS: Final = 30
TREND_DAYS: Final = 7
ONE_DAY: Final = timedelta(days=1)
SHRUNK: Final = 0.98  # a file smaller than this share of the day before was vacuumed or archived


class Config(CheckConfig, title="CHECKS__DB_GROWTH"):
    warn_bytes: int = Field(
        default=5_000_000_000, gt=0, description="A larger database is a warning."
    )
    error_bytes: int = Field(
        default=8_000_000_000, gt=0, description="A larger database is an error."
    )
    limit_bytes: int = Field(
        default=10_000_000_000,
        gt=0,
        description="Where SQLite stops being practical; days to the limit count to here.",
    )
    disk_warn_pct: float = Field(
        default=15.0, ge=0, le=100, description="Less free disk, in %, is a warning."
    )
    disk_error_pct: float = Field(
        default=5.0, ge=0, le=100, description="Less free disk, in %, is an error."
    )


class Sample(BaseModel, frozen=True):
    """The size once a day."""

    at: AwareDatetime
    bytes: int


_SHAPE: Final = TypeAdapter(list[Sample])


def runbook(config: Config) -> Runbook:
    return Runbook(
        name="check_db_growth",
        title="Database growth",
        number=5,
        detect=partial(detect, config=config),
        diagnose=diagnose(
            "db_growth",
            partial(diagnosis, config=config),
            leads={"Database": "db", "Machine": "host", "Ready for PostgreSQL?": "postgres"},
        ),
        remediations=["remediate_vacuum_db"],
        automatic="remediate_vacuum_db",
        repairs=lambda subject: subject == SUBJECT,  # VACUUM empties no other disk
        keeps=("total_bytes", "free_bytes", "disk_free_bytes", "tables"),
        steps=STEPS,
        **config.pace,
    )


async def detect(tools: Tools, at: Moment, *, config: Config) -> list[Reading]:
    size = await tools.shop.size()
    samples = await recall(tools.memory, SAMPLES, _SHAPE, [])
    kept = keep(samples, Sample(at=at.now, bytes=size.total))
    if kept != samples:
        await remember(tools.memory, SAMPLES, _SHAPE, kept)
    reading = judge(size, kept, at.now, config)
    if tables := await _tables_of_the_day(tools, at):
        reading = replace(reading, facts={**reading.facts, "tables": tables})
    others = await _disks.read(tools, at, partial(_disk_is_full, config))
    return [reading, *others]


async def _tables_of_the_day(tools: Tools, at: Moment) -> dict[str, int]:
    """Read the sizes of the largest tables once a day; the check is as good without them."""
    today = at.today.isoformat()
    if await tools.memory.get(TABLES_DAY) == today:
        return {}
    await tools.memory.put(TABLES_DAY, today)  # also where it fails: it may be slow
    try:
        stored = await tools.storage.storage()
    except Unreadable:
        return {}
    largest = sorted(stored.tables or (), key=lambda one: -one.bytes)[:TABLES_KEPT]
    return {one.name: one.bytes for one in largest}


async def diagnosis(tools: Tools, at: Moment, *, config: Config) -> Facts:
    size = await tools.shop.size()
    samples = await recall(tools.memory, SAMPLES, _SHAPE, [])
    days: Json = [{"at": one.at.isoformat(), "bytes": one.bytes} for one in samples[-TREND_DAYS:]]
    return {**facts(size, samples, at.now, config), "days": days}


def judge(size: DatabaseSize, samples: Sequence[Sample], now: datetime, config: Config) -> Reading:
    if size.total <= 0:
        return unknown(SUBJECT, phrase("db_growth_empty", name=size.name))
    numbers = facts(size, samples, now, config)
    by_size = _over(size.total, config.warn_bytes, config.error_bytes)
    by_disk = _disk_trouble(size, config)
    troubles = {"size": by_size, "disk": by_disk}
    causes = {cause: level for cause, level in troubles.items() if level is not None}
    if not causes:
        return ok(SUBJECT, **numbers)
    worst = max(causes, key=lambda cause: causes[cause].rank)
    return fires(SUBJECT, causes[worst], cause=worst, **numbers)


def facts(
    size: DatabaseSize, samples: Sequence[Sample], now: datetime, config: Config
) -> dict[str, Json]:
    growth = growth_per_day(samples, Sample(at=now, bytes=size.total))
    return {
        "name": size.name,
        "total_bytes": size.total,
        "main_bytes": size.main_bytes,
        "wal_bytes": size.wal_bytes,
        "free_bytes": size.free_bytes,
        "warn_bytes": config.warn_bytes,
        "error_bytes": config.error_bytes,
        "limit_bytes": config.limit_bytes,
        "disk_free_bytes": size.disk_free_bytes,
        "disk_free_pct": disk_free_pct(size),
        "growth_bytes_per_day": None if growth is None else round(growth),
        "days_to_limit": days_to_limit(size, growth, config),
    }


def keep(samples: Sequence[Sample], latest: Sample) -> list[Sample]:
    """One sample a day for a month; those of a clock that was ahead are dropped."""
    oldest = latest.at - KEPT_DAYS * ONE_DAY
    kept = [sample for sample in samples if oldest <= sample.at <= latest.at]
    return kept if kept and latest.at - kept[-1].at < ONE_DAY else [*kept, latest]


def growth_per_day(samples: Sequence[Sample], latest: Sample) -> float | None:
    """Bytes a day over the last week, counted anew after the file has shrunk."""
    week = [one for one in samples if latest.at - one.at <= TREND_DAYS * ONE_DAY]
    first = latest
    for earlier, later in reversed(list(pairwise([*week, latest]))):
        if later.bytes < SHRUNK * earlier.bytes:
            break
        first = earlier
    days = (latest.at - first.at) / ONE_DAY
    return (latest.bytes - first.bytes) / days if days >= 1 else None


def days_to_limit(size: DatabaseSize, growth: float | None, config: Config) -> float | None:
    """Until the practical limit or the end of the disk, whichever is nearer."""
    if growth is None or growth <= 0:
        return None
    room = config.limit_bytes - size.total
    if size.disk_free_bytes is not None:
        room = min(room, size.disk_free_bytes)
    return round(max(0.0, room / growth), 1)


def disk_free_pct(size: DatabaseSize) -> float | None:
    if size.disk_free_bytes is None or not size.disk_total_bytes:
        return None
    return round(100 * size.disk_free_bytes / size.disk_total_bytes, 1)


def _over(value: float, warning: float, error: float) -> Severity | None:
    if value > error:
        return Severity.ERROR
    return Severity.WARNING if value > warning else None


def _disk_trouble(size: DatabaseSize, config: Config) -> Severity | None:
    free = disk_free_pct(size)
    return None if free is None else _disk_is_full(config, free)


def _disk_is_full(config: Config, free_pct: float) -> Severity | None:
    return _over(-free_pct, -config.disk_warn_pct, -config.disk_error_pct)
