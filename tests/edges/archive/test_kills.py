"""Killed at random points and started again, in a process of its own: no row lost or doubled."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.edges.archive.helpers import BEFORE, NAME, archive, lines_in, lines_of, shop
from tests.remediations.fakes import JOB

WORKER = """
import asyncio, sys, time
from pathlib import Path
from tests.edges.archive.helpers import BEFORE, NAME, archive
from tests.remediations.fakes import JOB

async def main():
    box = archive(Path(sys.argv[1]), Path(sys.argv[2]), most=20)
    print("ready", flush=True)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)

asyncio.run(main())
"""
KILLS = 4


def killed_after(command: list[str], seconds: float) -> bool:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        try:
            worker.wait(seconds)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
            return True
    return False


async def test_killed_again_and_again_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    file, folder = shop(tmp_path / "shop.db", rows=8000, each=50), tmp_path / "archive"
    all_rows = lines_of(file)
    dice = random.Random(4)
    command = [sys.executable, "-c", WORKER, str(file), str(folder)]
    killed = 0
    for _ in range(KILLS):
        killed += await asyncio.to_thread(killed_after, command, dice.uniform(0.02, 0.35))
        kept = set(lines_of(file))
        finished = set(lines_in(folder)) if (folder / f"{NAME}.jsonl.gz").exists() else set()
        assert kept | finished == set(all_rows)
    assert killed
    box = archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    assert lines_in(folder) + lines_of(file) == all_rows
    await box.restore(NAME, JOB)
    assert lines_of(file) == all_rows
