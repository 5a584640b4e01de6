"""Five million old sales into a file, killed at random, and compared by checksum.

Each attempt is a process of its own that goes on where the one before was killed. At the end the
file has exactly the old rows, the table exactly the young ones.
"""

import asyncio
import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, shop_file
from bot.edges.archive import files
from bot.edges.archive.lines import encode

NAME = "daily_sales_before_benchmark"
KILLS = 7
Digest = tuple[int, str]


@dataclass(slots=True)
class Found:
    kills: int = 0
    seconds: float = 0.0
    growth: int = 0
    log: int = 0


async def run(options: Options) -> Report:
    old = 500_000 if options.quick else 5_000_000
    shop = shop_file(options.folder, ShopPlan(rows=round(old * 1.2), days=1095))
    with tempfile.TemporaryDirectory(prefix="sovani-ops-archive-", dir=options.folder) as name:
        return await asyncio.to_thread(_measure, shop, Path(name), old)


def _measure(shop: Path, folder: Path, wanted: int) -> Report:
    database = Path(shutil.copyfile(shop, folder / "shop.db"))
    before = _day_after(database, wanted)
    old, young = _table(database, f"d < '{before}'"), _table(database, f"d >= '{before}'")
    found = _archive(database, folder / "archive", before, wanted)
    path = folder / "archive" / f"{NAME}.jsonl.gz"
    lost = 0 if _file(path) == old else 1
    doubled = 0 if _table(database, "1 = 1") == young else 1
    size = path.stat().st_size
    return Report(
        title="Archive",
        bars=[
            Bar(what="file differs from the old rows (count, checksum)", measured=lost, limit=0),
            Bar(what="table differs from the young rows", measured=doubled, limit=0),
            Bar(what="memory above the start", measured=found.growth / 1e6, limit=100, unit=" MB"),
            Bar(what="log left by a kill", measured=found.log / 1e6, limit=20, unit=" MB"),
        ],
        tables=[
            Table(
                head=["old rows", "kills", "seconds in all", "file, MB"],
                rows=[
                    [figure(old[0]), str(found.kills), figure(found.seconds), figure(size / 1e6)]
                ],
            )
        ],
    )


def _archive(database: Path, folder: Path, before: str, rows: int) -> Found:
    """Start it, kill it at a random moment, start it again; the last one may end."""
    dice, found = random.Random(5), Found()
    command = [sys.executable, "-m", "benchmarks._archive_worker"]
    arguments = [str(database), str(folder), NAME, before]
    began = time.monotonic()
    while True:
        with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as worker:
            timer = threading.Timer(dice.uniform(8, 40) * rows / 5e6, worker.kill)
            if found.kills < KILLS:
                timer.start()
            assert worker.stdout is not None  # noqa: S101  # a pipe was asked for
            peaks = [int(line.split()[1]) for line in worker.stdout]
            timer.cancel()
        if peaks:
            found.growth = max(found.growth, max(peaks) - peaks[0])
        if worker.returncode == 0:
            break
        found.kills += 1
        log = Path(f"{database}-wal")
        found.log = max(found.log, log.stat().st_size if log.exists() else 0)
    found.seconds = time.monotonic() - began
    return found


def _day_after(database: Path, rows: int) -> str:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT d FROM daily_sales ORDER BY d LIMIT 1 OFFSET ?"
        return str(connection.execute(query, [rows]).fetchone()[0])


def _table(database: Path, where: str) -> Digest:
    found, rows = hashlib.sha256(), 0
    with closing(sqlite3.connect(database)) as connection:
        query = f"SELECT * FROM daily_sales WHERE {where} ORDER BY d, id"  # noqa: S608  # our own
        for row in connection.execute(query):
            found.update(encode(row))
            rows += 1
    return rows, found.hexdigest()


def _file(path: Path) -> Digest:
    found, rows = hashlib.sha256(), 0
    with files.reading(path) as (_, batches):
        for lines in batches:
            found.update(b"".join(lines))
            rows += len(lines)
    return rows, found.hexdigest()
