"""The disk below the shop's database: room to grow, and for a VACUUM."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.core.model import Unreadable, phrase
from bot.core.tools import DatabaseSize
from bot.doctor import Case, Result, fine, ill, skipped, uneasy
from bot.doctor._shop import opened
from bot.edges.shop.address import SqliteFile, parse
from bot.edges.shop.vacuum import MARGIN, temporary_folder

NUMBER: Final = 130
WHAT: Final = phrase("doctor_disk")
FULL_PCT, NEARLY_FULL_PCT = 5.0, 15.0  # as the check of the database's growth judges


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Bytes. `vacuum` is what it needs on this disk: twice the final size where /tmp is on it."""

    free: int
    total: int
    vacuum: int


async def examine(case: Case) -> Sequence[Result]:
    address = parse(case.settings.database_url.get_secret_value())
    if not isinstance(address, SqliteFile):
        return [skipped(WHAT, phrase("doctor_disk_of_server"))]
    try:
        async with opened(case) as shop:
            size = await shop.size()
    except Unreadable:
        return [skipped(WHAT, phrase("doctor_needs_shop"))]
    shared = await asyncio.to_thread(_shares_disk, address.path)
    return [judge(room(size, shared=shared))]


def room(size: DatabaseSize, *, shared: bool) -> Room:
    final = (size.main_bytes - (size.free_bytes or 0)) * MARGIN
    return Room(
        free=size.disk_free_bytes or 0,
        total=size.disk_total_bytes or 0,
        vacuum=round(2 * final if shared else final),
    )


def judge(seen: Room) -> Result:
    pct = 100 * seen.free / seen.total if seen.total else 0.0
    values = {"free_bytes": seen.free, "pct": round(pct, 1), "vacuum_bytes": seen.vacuum}
    if pct < FULL_PCT:
        return ill(WHAT, phrase("doctor_disk_room", **values), phrase("doctor_mend_disk"))
    if pct < NEARLY_FULL_PCT:
        return uneasy(WHAT, phrase("doctor_disk_room", **values), phrase("doctor_mend_disk"))
    if seen.free < seen.vacuum:
        narrow = phrase("doctor_disk_no_vacuum", **values)
        return uneasy(WHAT, narrow, phrase("doctor_mend_disk"))
    return fine(WHAT, phrase("doctor_disk_room", **values))


def _shares_disk(path: Path) -> bool:
    """SQLite builds its copy in the temporary folder before it writes it back."""
    folder = path.resolve().parent
    return os.stat(folder).st_dev == temporary_folder().stat().st_dev  # noqa: PTH116  # follows
