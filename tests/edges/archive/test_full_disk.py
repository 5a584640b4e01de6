"""A full disk at each step, swept: afterwards the database is as it was."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.core.job import Job
from bot.core.model import Facts
from bot.core.runbook import ActionFailed
from bot.edges.archive.work import FileArchive
from tests.edges.archive import disks
from tests.edges.archive.disks import fill
from tests.edges.archive.helpers import (
    BEFORE,
    NAME,
    TEMPLATES,
    archive,
    execute,
    lines_in,
    lines_of,
    shop,
)
from tests.remediations.fakes import JOB

ROWS, BATCHES = 600, 6
RESERVE = 700_000
# With or without a write-ahead log, and bytes that are left: none, a page, part of a batch.
LEVELS = [(True, 0), (True, 20_000), (True, 60_000), (False, 0), (False, 4_096), (False, 20_000)]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with disks.small_disk(2) as folder:
        yield folder


def said(failed: pytest.ExceptionInfo[ActionFailed]) -> str:
    return TEMPLATES.say_plain(failed.value.why)


@dataclass
class Filler:
    """Fills the disk when the work comes to a place; keeps what is told of it."""

    disk: Path
    phase: str
    done: int
    but: int = 0
    told: list[Facts] = field(default_factory=list)

    async def __call__(self, facts: Facts) -> None:
        self.told.append(facts)
        if (facts["phase"], facts["done"]) == (self.phase, self.done):
            fill(self.disk, but=self.but)

    @property
    def job(self) -> Job:
        return replace(JOB, progress=self)


@contextmanager
def held_open(file: Path, *, reads: bool = False) -> Iterator[None]:
    """A service of the shop has it open, so the log is not cut; or even reads all the time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as service:
        service.execute("BEGIN" if reads else "SELECT 1")
        service.execute("SELECT COUNT(*) FROM daily_sales").fetchone()
        yield


async def test_no_room_for_the_file(tmp_path: Path, small_disk: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), small_disk / "archive"
    all_rows, box = lines_of(file), archive(file, folder)
    block = fill(small_disk, but=8192)
    with pytest.raises(ActionFailed) as failed:
        await box.export(NAME, BEFORE, JOB)
    assert "is full" in said(failed)
    assert lines_of(file) == all_rows
    assert not list(folder.glob("*.part"))  # what it took is given back
    block.unlink()
    await box.export(NAME, BEFORE, JOB)
    await box.remove(NAME, JOB)
    assert lines_in(folder) + lines_of(file) == all_rows


async def test_no_room_for_the_manifest(tmp_path: Path, small_disk: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), small_disk / "archive"
    all_rows, box = lines_of(file), archive(file, folder)

    async def full_when_compared(facts: Facts) -> None:
        if facts["phase"] == "archive_compares":
            fill(small_disk)

    with pytest.raises(ActionFailed) as failed:
        await box.export(NAME, BEFORE, replace(JOB, progress=full_when_compared))
    assert failed.value.why.key == "archive_disk_full"
    assert lines_of(file) == all_rows
    with pytest.raises(ActionFailed):
        await box.remove(NAME, JOB)  # without its manifest no file is believed
    assert lines_of(file) == all_rows


@dataclass
class Scene:
    """A shop on the small disk, its archive on another."""

    disk: Path
    but: int
    file: Path
    folder: Path
    rows: list[bytes]
    box: FileArchive


@pytest.fixture(params=LEVELS, ids=lambda level: f"{'wal' if level[0] else 'rollback'}-{level[1]}")
async def scene(
    request: pytest.FixtureRequest, tmp_path: Path, small_disk: Path
) -> AsyncIterator[Scene]:
    file, folder = small_disk / "shop.db", tmp_path / "archive"
    wal, but = request.param
    shop(file, rows=ROWS, wal=wal)
    box = archive(file, folder, reserve=RESERVE)
    rows = lines_of(file)
    await box.export(NAME, BEFORE, JOB)
    assert lines_in(folder) == rows  # all of them are old
    yield Scene(small_disk, but, file, folder, rows, box)
    await box.close()


async def test_a_disk_that_gets_full_while_rows_are_removed(scene: Scene) -> None:
    for batch in range(1, BATCHES):
        filler = Filler(scene.disk, "archive_removes", batch * 100, scene.but)
        with pytest.raises(ActionFailed) as failed:
            await scene.box.remove(NAME, filler.job)
        fill(scene.disk).unlink()
        assert failed.value.why.key == "archive_full_unremoved"
        assert f"{batch * 100} sales" in said(failed)
        assert lines_of(scene.file) == scene.rows
        assert filler.told[-1]["phase"] == "archive_full_unremoves"
        assert filler.told[-1]["done"] == filler.told[-1]["total"] == batch * 100
    assert (await scene.box.remove(NAME, JOB))["removed"] == ROWS
    assert lines_of(scene.file) == []


async def test_a_disk_that_gets_full_while_rows_are_put_back(scene: Scene) -> None:
    await scene.box.remove(NAME, JOB)
    for batch in range(1, BATCHES):
        filler = Filler(scene.disk, "archive_returns", batch * 100, scene.but)
        with pytest.raises(ActionFailed) as failed:
            await scene.box.restore(NAME, filler.job)
        fill(scene.disk).unlink()
        assert failed.value.why.key == "archive_full_unreturned"
        assert f"{batch * 100} sales" in said(failed)
        assert lines_of(scene.file) == []
    assert (await scene.box.restore(NAME, JOB))["added"] == ROWS
    assert lines_of(scene.file) == scene.rows


@pytest.mark.parametrize("at", range(BATCHES))
async def test_a_disk_that_gets_full_while_the_file_is_written(small_disk: Path, at: int) -> None:
    """File and database share it: each step of writing and comparing."""
    file, folder = shop(small_disk / "shop.db", rows=ROWS), small_disk / "archive"
    rows, box = lines_of(file), archive(file, folder)
    for phase in ("archive_writes", "archive_compares"):
        with pytest.raises(ActionFailed) as failed:
            await box.export(NAME, BEFORE, Filler(small_disk, phase, at * 100).job)
        fill(small_disk).unlink()
        assert "is full" in said(failed)
        assert "failed" not in said(failed)
        assert lines_of(file) == rows
        assert not (folder / f"{NAME}.jsonl.gz").exists()
    await box.export(NAME, BEFORE, JOB)
    assert lines_in(folder) == rows
    assert lines_of(file) == rows


async def test_without_room_to_go_back_nothing_is_begun(scene: Scene) -> None:
    fill(scene.disk, but=scene.but)
    with pytest.raises(ActionFailed) as failed:
        await scene.box.remove(NAME, JOB)
    assert "Nothing was removed" in said(failed)
    fill(scene.disk).unlink()
    assert lines_of(scene.file) == scene.rows
    await scene.box.remove(NAME, JOB)
    fill(scene.disk, but=scene.but)
    with pytest.raises(ActionFailed) as failed:
        await scene.box.restore(NAME, JOB)
    assert "Nothing was put back" in said(failed)
    fill(scene.disk).unlink()
    assert lines_of(scene.file) == []


async def test_a_service_that_has_it_open_makes_no_difference(scene: Scene) -> None:
    with held_open(scene.file):
        with pytest.raises(ActionFailed):
            await scene.box.remove(NAME, Filler(scene.disk, "archive_removes", 500).job)
        fill(scene.disk).unlink()
        assert lines_of(scene.file) == scene.rows
        await scene.box.remove(NAME, JOB)
        with pytest.raises(ActionFailed):
            await scene.box.restore(NAME, Filler(scene.disk, "archive_returns", 500).job)
    fill(scene.disk).unlink()
    assert lines_of(scene.file) == []


async def test_only_what_this_run_removed_is_put_back(scene: Scene) -> None:
    """What somebody deleted, changed or put in its place meanwhile is as they left it."""
    execute(scene.file, "DELETE FROM daily_sales WHERE id IN (5, 305)")
    execute(scene.file, "UPDATE daily_sales SET qty = 99 WHERE id IN (6, 306)")
    rows = lines_of(scene.file)

    async def collected_again(facts: Facts) -> None:
        if (facts["phase"], facts["done"]) == ("archive_removes", 400):
            execute(
                scene.file,
                "INSERT INTO daily_sales (id, d, sku_id, warehouse_id, qty, revenue_gross)"
                " VALUES (900, '2026-01-02', 3, 1, 5, 5)",
            )
            fill(scene.disk)

    with pytest.raises(ActionFailed) as failed:
        await scene.box.remove(NAME, replace(JOB, progress=collected_again))
    fill(scene.disk).unlink()
    assert "396 sales" in said(failed)
    assert "but for 1 " in said(failed)
    place = lines_of(scene.file, "d = '2026-01-02' AND sku_id = 3")
    assert [line for line in lines_of(scene.file) if line not in place] == [
        line for line in rows if b'"2026-01-02",3,1' not in line
    ]
    assert len(place) == 1


async def test_where_nothing_can_be_written_any_more_it_says_what_is_where(
    tmp_path: Path, small_disk: Path
) -> None:
    """A reader keeps the log from being cut, and somebody takes the room that was held."""
    file, folder = shop(small_disk / "shop.db", rows=ROWS), tmp_path / "archive"
    rows, box = lines_of(file), archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    with held_open(file, reads=True):
        with pytest.raises(ActionFailed) as failed:
            await box.remove(NAME, Filler(small_disk, "archive_removes", 300).job)
        assert failed.value.why.key == "archive_full_removed"
        assert "Of the 600 sales in the file, 300 that this run removed" in said(failed)
    fill(small_disk).unlink()
    assert lines_of(file) == rows[300:]
    assert (await box.remove(NAME, JOB))["removed"] == 300
    with held_open(file, reads=True):
        with pytest.raises(ActionFailed) as failed:
            await box.restore(NAME, Filler(small_disk, "archive_returns", 300).job)
        assert "Of the 600 sales in the file, 300 are back in the table" in said(failed)
    fill(small_disk).unlink()
    assert lines_of(file) == rows[:300]
    assert (await box.restore(NAME, JOB))["added"] == 300
    assert lines_of(file) == rows
