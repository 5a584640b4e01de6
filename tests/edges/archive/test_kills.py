"""Killed at chosen and at random points, in a process of its own: no row lost or doubled."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.edges.archive.helpers import (
    BEFORE,
    NAME,
    archive,
    checksum,
    lines_in,
    lines_of,
    shop,
)
from tests.remediations.fakes import JOB

ROWS = 2000  # 1460 of them are old: fifteen batches
# Where a worker is killed: right after it has told of this, while it goes on with the next batch.
WRITING = [("archive", "archive_writes", 0), ("archive", "archive_writes", 700)]
COMPARING = [("archive", "archive_compares", 300), ("archive", "archive_compares", 1400)]
REMOVING = [("archive", "archive_removes", 100), ("archive", "archive_removes", 1400)]
RETURNING = [("restore", "begins", 0), ("restore", "archive_returns", 100)]
RETURNED = [("restore", "archive_returns", 800), ("restore", "archive_returns", 1460)]
TAKEN_BACK = [("full", "archive_full_unremoves", 100)]
LATER = [("full", "archive_full_unremoves", 300)]


@dataclass
class Room:
    file: Path
    folder: Path
    rows: list[bytes]

    def start(self, verb: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.edges.archive.worker"]
        arguments = [str(self.file), str(self.folder), verb]
        return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)

    def killed_at(self, verb: str, phase: str, done: int) -> bool:
        with self.start(verb) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if line.split() == [phase, str(done)]:
                    worker.kill()
                    return True
        return False

    def killed_after(self, verb: str, seconds: float) -> bool:
        with self.start(verb) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            try:
                worker.wait(seconds)
            except subprocess.TimeoutExpired:
                worker.kill()
                return True
        return False

    def nothing_is_lost_or_doubled(self) -> None:
        """Each row is in the table once, or in a file that was compared."""
        table = lines_of(self.file)
        assert max(Counter(table).values()) == 1
        finished = (self.folder / f"{NAME}.jsonl.gz").exists()
        assert set(table) | set(lines_in(self.folder) if finished else ()) == set(self.rows)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    file = shop(tmp_path / "shop.db", rows=ROWS)
    return Room(file, tmp_path / "archive", lines_of(file))


async def ends(room: Room) -> None:
    """Both ways to the end, after whatever was killed."""
    box = archive(room.file, room.folder)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    assert lines_in(room.folder) + lines_of(room.file) == room.rows
    await box.restore(NAME, JOB)
    assert checksum(lines_of(room.file)) == checksum(room.rows)
    await box.close()


@pytest.mark.parametrize("points", [WRITING, COMPARING, REMOVING], ids=lambda one: one[0][1])
async def test_killed_where_it_was_told_to_an_archive_goes_on(
    room: Room, points: list[tuple[str, str, int]]
) -> None:
    for point in points:
        assert await asyncio.to_thread(room.killed_at, *point)
        room.nothing_is_lost_or_doubled()
    await ends(room)


@pytest.mark.parametrize("points", [RETURNING, RETURNED, TAKEN_BACK, LATER])
async def test_killed_on_its_way_back_it_goes_on_too(
    room: Room, points: list[tuple[str, str, int]]
) -> None:
    box = archive(room.file, room.folder)
    await box.export(NAME, BEFORE, JOB)
    if points[0][0] == "restore":
        await box.remove(NAME, JOB)
    for point in points:
        assert await asyncio.to_thread(room.killed_at, *point)
        room.nothing_is_lost_or_doubled()
    await box.restore(NAME, JOB)
    assert checksum(lines_of(room.file)) == checksum(room.rows)
    await ends(room)


async def test_killed_at_random_moments_of_both_ways(room: Room) -> None:
    dice = random.Random(4)
    box = archive(room.file, room.folder)
    killed = 0
    for verb in ("archive", "archive", "restore", "restore"):
        killed += await asyncio.to_thread(room.killed_after, verb, dice.uniform(0.02, 0.3))
        room.nothing_is_lost_or_doubled()
        if verb == "archive":
            await box.export(NAME, BEFORE, JOB)
    assert killed
    await ends(room)
