"""Five million old sales into a file, killed at random, and compared by checksum.

Each attempt is a process of its own that goes on where the one before was killed: while the file
is written, while it is compared, while the rows are deleted. At the end the file has exactly the
old rows, the table exactly the young ones. Then they are put back, killed likewise, and the table
has exactly what it had.
"""

import asyncio
import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import Options
from benchmarks._report import Bar, Report, Table, figure
from benchmarks._shops import ShopPlan, shop_file
from bot.edges.archive import files
from bot.edges.archive.lines import encode

NAME = "daily_sales_before_benchmark"
KILLS = ("archive_writes",) * 3 + ("archive_compares",) * 2 + ("archive_removes",) * 5
BACK = ("archive_returns",) * 5
Digest = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Work:
    """What is started again until it ends; where it is killed before, and of how many rows."""

    arguments: list[str]
    fatal: tuple[str, ...]
    rows: int


@dataclass(slots=True)
class Found:
    kills: Counter[str] = field(default_factory=Counter)
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
    both = _table(database, "1 = 1")
    arguments = [str(database), str(folder / "archive"), NAME, before]
    there = _killed_again_and_again(Work([*arguments, "archive"], KILLS, wanted))
    path = folder / "archive" / f"{NAME}.jsonl.gz"
    lost = 0 if _file(path) == old else 1
    doubled = 0 if _table(database, "1 = 1") == young else 1
    back = _killed_again_and_again(Work([*arguments, "restore"], BACK, wanted))
    other = 0 if _table(database, "1 = 1") == both else 1
    size = path.stat().st_size
    growth, log = max(there.growth, back.growth), max(there.log, back.log)
    kills = [str(there.kills[phase]) for phase in dict.fromkeys(KILLS)]
    seconds = [figure(there.seconds), figure(back.seconds)]
    return Report(
        title="Archive",
        bars=[
            Bar(what="file differs from the old rows (count, checksum)", measured=lost, limit=0),
            Bar(what="table differs from the young rows", measured=doubled, limit=0),
            Bar(what="table differs after a restore", measured=other, limit=0),
            Bar(what="memory above the start", measured=growth / 1e6, limit=100, unit=" MB"),
            Bar(what="log left by a kill", measured=log / 1e6, limit=20, unit=" MB"),
        ],
        tables=[
            Table(
                head=[
                    "old rows",
                    "killed writing",
                    "comparing",
                    "deleting",
                    "putting back",
                    "seconds there",
                    "back",
                    "file, MB",
                ],
                rows=[
                    [figure(old[0]), *kills, str(back.kills.total()), *seconds, figure(size / 1e6)]
                ],
            )
        ],
    )


def _killed_again_and_again(work: Work) -> Found:
    """Start it, kill it at a random moment, start it again; the last one may end."""
    dice, found = random.Random(5), Found()
    command = [sys.executable, "-m", "benchmarks._archive_worker", *work.arguments]
    began, kills = time.monotonic(), iter(work.fatal)
    while True:
        fatal, at = next(kills, ""), dice.uniform(0, 0.6) * work.rows
        peaks: list[int] = []
        met = 0  # how far that phase was when this attempt came to it
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None  # noqa: S101  # a pipe was asked for
            for line in worker.stdout:
                phase, peak, done = line.split()
                peaks.append(int(peak))
                met = met or (int(done) if phase == fatal else 0)
                if phase == fatal and int(done) >= met + at / len(work.fatal):
                    worker.kill()
        if peaks:
            found.growth = max(found.growth, max(peaks) - peaks[0])
        if worker.returncode == 0:
            break
        found.kills[fatal] += 1
        log = Path(f"{work.arguments[0]}-wal")
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
