"""A shop with old sales, an archive beside it, and what both have together."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.job import Job
from bot.core.model import Facts
from bot.edges.archive import files
from bot.edges.archive.lines import encode
from bot.edges.archive.moving import Moving
from bot.edges.archive.sqlite_rows import SqliteRows
from bot.edges.archive.work import FileArchive
from bot.edges.templates import Templates
from tests.moment import NOON
from tests.remediations.fakes import JOB

NAME, BEFORE = "daily_sales_before_2026-05-27_1a2b3c4d", "2026-05-27"
TEMPLATES = Templates(zone=ZoneInfo("Europe/Moscow"), clock=lambda: NOON)
SALES = """
    CREATE TABLE daily_sales (
        id INTEGER PRIMARY KEY, d DATE NOT NULL, sku_id INTEGER NOT NULL,
        warehouse_id INTEGER NOT NULL, qty INTEGER NOT NULL, revenue_gross FLOAT NOT NULL,
        channel VARCHAR(8), src_hash BLOB,
        CONSTRAINT uq_daily_sales UNIQUE (d, sku_id, warehouse_id)
    );
    CREATE INDEX ix_daily_sales_d ON daily_sales (d);
"""
FILL = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
    INSERT INTO daily_sales (d, sku_id, warehouse_id, qty, revenue_gross, channel, src_hash)
    SELECT date('2026-01-01', '+' || (i / {each}) || ' days'), i % {each}, 1, i % 7, i / 3.0,
        CASE WHEN i % 5 THEN 'FBO' END, CASE WHEN i % 3 THEN x'00ff' ELSE 'текст' || i END
    FROM n
"""


def shop(path: Path, *, rows: int = 2000, each: int = 10, wal: bool = True) -> Path:
    """So many rows, `each` a day, from New Year 2026 on: 146 days are older than `BEFORE`."""
    with closing(sqlite3.connect(path)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = wal")
        connection.executescript(SALES)
        connection.execute(FILL.format(last=rows - 1, each=each))
        connection.commit()
    return path


def archive(
    path: Path,
    folder: Path,
    *,
    most: int = 100,
    rest: Callable[[float], object] = lambda _: None,
    reserve: int = 0,
) -> FileArchive:
    async def resting(seconds: float) -> None:
        rest(seconds)

    rows = SqliteRows(path, sql=TEMPLATES.sql)
    moving = Moving(rows=rows, rest=resting, reserve=reserve)
    return FileArchive(moving, folder, shop=path.name, most=most)


def watched(told: list[Facts]) -> Job:
    """A job that keeps what it is told of the progress."""

    async def keep(facts: Facts) -> None:
        told.append(facts)

    return replace(JOB, progress=keep)


def lines_of(path: Path, where: str = "1 = 1") -> list[bytes]:
    """All rows of the table, each as a line of a file."""
    with closing(sqlite3.connect(path)) as connection:
        query = f"SELECT * FROM daily_sales WHERE {where} ORDER BY d, id"  # noqa: S608  # a test's own
        return [encode(row) for row in connection.execute(query)]


def lines_in(folder: Path, name: str = NAME) -> list[bytes]:
    with files.reading(folder / f"{name}.jsonl.gz") as (_, batches):
        return [line for batch in batches for line in batch]


def checksum(lines: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(lines)).hexdigest()


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
