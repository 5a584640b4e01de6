"""The index by date on the table that grows: without it every check reads all of the past."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.core.model import Unreadable, phrase
from bot.doctor import Case, Result, fine, uneasy
from bot.doctor._shop import opened
from bot.edges.shop import guard
from bot.edges.shop.address import SqliteFile, parse

NUMBER: Final = 65
WHAT: Final = phrase("doctor_shop_index")
TABLE, DATE = "daily_sales", "d"
BUSY_SECONDS: Final = 1.5


async def examine(case: Case) -> Sequence[Result]:
    """Say nothing where the table cannot be seen: the other examinations say why."""
    match parse(case.settings.database_url.get_secret_value()):
        case SqliteFile(path):
            firsts = await asyncio.to_thread(_of_file, path)
        case _:
            firsts = await _of_server(case)
    return [] if firsts is None else [judge(firsts)]


def judge(firsts: Sequence[str]) -> Result:
    """Judge by the first column of each index of the whole table."""
    if DATE not in {first.lower() for first in firsts}:
        return uneasy(WHAT, phrase("doctor_index_none"), phrase("doctor_mend_index"))
    return fine(WHAT, phrase("doctor_index_fine"))


def _of_file(path: Path) -> list[str] | None:
    try:
        with guard.reading(path, busy_seconds=BUSY_SECONDS) as connection:
            return _firsts(connection)
    except (sqlite3.Error, OSError, Unreadable):
        return None


def _firsts(connection: sqlite3.Connection) -> list[str] | None:
    if not connection.execute(f"PRAGMA table_info({TABLE})").fetchone():
        return None
    indexes = connection.execute(f"PRAGMA index_list({TABLE})").fetchall()
    whole = [str(name) for _, name, _, _, partial in indexes if not partial]
    return [_first(connection, name) for name in whole]


def _first(connection: sqlite3.Connection, index: str) -> str:
    """Name its first column, or "" for an expression."""
    quoted = index.replace('"', '""')
    _, _, column = connection.execute(f'PRAGMA index_info("{quoted}")').fetchone()
    return str(column or "")


async def _of_server(case: Case) -> list[str] | None:
    try:
        async with opened(case) as shop:
            rows = await shop.rows("doctor/date_index.sql.j2")
    except Unreadable:
        return None
    return [str(row["first"] or "") for row in rows] if rows else None
