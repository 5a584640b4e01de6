"""A VACUUM that is killed while it copies back: what is found then, and that nothing is lost."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.edges.shop.maintenance import SqliteMaintenance
from tests.edges.shop.helpers import bloated

WORKER = """
import asyncio, sys
from pathlib import Path
from bot.core.job import Stop
from bot.edges.shop.maintenance import SqliteMaintenance
asyncio.run(SqliteMaintenance(Path(sys.argv[1])).vacuum(Stop()))
"""


def killed_in_the_middle(file: Path) -> bool:
    """Kill it when the journal is so long that pages of the file are written over already."""
    journal = Path(f"{file}-journal")
    with subprocess.Popen([sys.executable, "-c", WORKER, str(file)]) as worker:
        while worker.poll() is None:
            if journal.exists() and journal.stat().st_size > 8_000_000:
                worker.kill()
                return True
    return False


def content(file: Path) -> tuple[object, ...]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return tuple(connection.execute("SELECT COUNT(*), SUM(LENGTH(x)) FROM kept").fetchone())


async def test_a_journal_that_is_left_is_told_and_gives_everything_back(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", rows=8_000)
    before, size = content(file), file.stat().st_size
    if not await asyncio.to_thread(killed_in_the_middle, file):
        pytest.skip("it was done before anybody could look")
    maintenance = SqliteMaintenance(file)
    found = await maintenance.probe()
    journal = found["journal_bytes"]
    assert isinstance(journal, int)
    assert journal > 8_000_000
    assert "free_bytes" not in found
    assert content(file) == before  # whoever opens it takes back what was half done
    found = await maintenance.probe()
    assert (found["journal_bytes"], found["main_bytes"]) == (0, size)
    assert found["free_bytes"] != 0
    await maintenance.close()
