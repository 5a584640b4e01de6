"""VACUUM of a real file: what it gives, what it waits for, and what can go wrong."""

import asyncio
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Awaitable, Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.job import Stop, Stopped
from bot.core.model import Facts
from bot.core.runbook import ActionFailed
from bot.edges.shop import threads, vacuum
from bot.edges.shop.holders import holders
from bot.edges.shop.maintenance import SqliteMaintenance
from tests.edges.shop.helpers import bloated, build, held, log_bytes, names_in, until, words

MANY_SALES = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO daily_sales (d, qty) SELECT date('2026-01-01', '+' || i % 300 || ' days'), i FROM n
"""


def intact(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE may_write (x)")
        return bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))


@pytest.mark.parametrize("wal", [False, True])
async def test_the_needs_are_told_in_numbers(tmp_path: Path, *, wal: bool) -> None:
    file = bloated(tmp_path / "shop.db", wal=wal)
    size = file.stat().st_size
    needs = await SqliteMaintenance(file).vacuum_needs()
    frees = needs["frees_bytes"]
    assert isinstance(frees, int)
    assert needs["total_bytes"] == size
    assert size * 0.4 < frees < size * 0.6
    assert needs["busy"] is False
    assert needs["writers"] == []
    assert isinstance(needs["about_seconds"], float)


async def test_on_one_disk_it_needs_twice_the_final_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    needs = await SqliteMaintenance(bloated(tmp_path / "shop.db")).vacuum_needs()
    total, frees = needs["total_bytes"], needs["frees_bytes"]
    assert isinstance(total, int)
    assert isinstance(frees, int)
    assert needs["needs_disk_bytes"] == pytest.approx((total - frees) * 2.1, rel=0.001)
    assert "temporary_folder" not in needs


async def test_with_a_temporary_folder_elsewhere_it_needs_room_in_both(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(small_disk))
    needs = await SqliteMaintenance(bloated(tmp_path / "shop.db")).vacuum_needs()
    assert needs["temporary_folder"] == str(small_disk)
    assert needs["temporary_free_bytes"] == pytest.approx(3 * 2**20, rel=0.1)
    assert needs["needs_temporary_bytes"] == needs["needs_disk_bytes"]


async def test_a_log_left_over_counts_as_space_to_gain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = build(tmp_path / "shop.db", wal=True)
    monkeypatch.setattr(vacuum, "AUTOCHECKPOINT_BYTES", 0)
    with held(file, "INSERT INTO daily_sales (qty) VALUES (1)"):
        needs = await SqliteMaintenance(file).vacuum_needs()
        assert needs["frees_bytes"] == log_bytes(file) > 0


@pytest.mark.parametrize("wal", [False, True])
async def test_a_writer_at_work_is_noticed_and_left_in_peace(tmp_path: Path, *, wal: bool) -> None:
    file = bloated(tmp_path / "shop.db", wal=wal)
    with held(file, "BEGIN IMMEDIATE") as writer:
        assert (await SqliteMaintenance(file).vacuum_needs())["busy"] is True
        writer.execute("INSERT INTO daily_sales (qty) VALUES (1)")
        writer.execute("COMMIT")


def test_another_program_that_holds_the_file_is_named(tmp_path: Path) -> None:
    file = build(tmp_path / "shop.db")
    assert holders(file) == []
    with (
        file.open("rb") as opened,
        subprocess.Popen(["sleep", "60"], stdout=opened) as holder,  # noqa: S607  # anybody's
    ):
        assert holders(file) == [f"sleep ({holder.pid})"]
        holder.kill()


@pytest.mark.parametrize("wal", [False, True])
async def test_vacuum_gives_the_space_back(tmp_path: Path, *, wal: bool) -> None:
    file = bloated(tmp_path / "shop.db", wal=wal)
    before = file.stat().st_size
    facts = await SqliteMaintenance(file).vacuum(Stop())
    assert facts["before_bytes"] == before
    assert facts["after_bytes"] == file.stat().st_size < before * 0.6
    assert facts["space_returned"] is True
    assert intact(file)


async def test_a_reader_of_the_old_log_keeps_the_space_and_is_told_of(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", wal=True)
    with held(file, "BEGIN") as reader:
        reader.execute("SELECT * FROM daily_sales").fetchone()
        facts = await SqliteMaintenance(file, checkpoint_seconds=0.1).vacuum(Stop())
        assert facts["space_returned"] is False
        assert facts["after_bytes"] == file.stat().st_size + log_bytes(file)


async def test_a_locked_file_is_not_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacuum, "LOCK_SECONDS", 0.1)
    file = bloated(tmp_path / "shop.db")
    with held(file, "BEGIN EXCLUSIVE"), pytest.raises(ActionFailed) as caught:
        await SqliteMaintenance(file).vacuum(Stop())
    assert "did not start: another program uses" in words(caught.value)
    assert intact(file)


async def test_a_missing_file_is_never_made(tmp_path: Path) -> None:
    maintenance = SqliteMaintenance(tmp_path / "shop.db")
    for action in (maintenance.vacuum(Stop()), maintenance.vacuum_needs(), maintenance.probe()):
        with pytest.raises(ActionFailed) as caught:
            await action
        assert "is not there" in words(caught.value)
    assert names_in(tmp_path) == []


async def test_a_damaged_file_is_left_as_it_was(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db")
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    with pytest.raises(ActionFailed) as caught:
        await SqliteMaintenance(file).vacuum(Stop())
    assert "is damaged" in words(caught.value)
    assert file.stat().st_size == len(content)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False
        ).returncode
    ):
        folder.rmdir()
        pytest.skip("may not mount a small file system here")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)
    folder.rmdir()


def copied(file: Path, folder: Path) -> Path:
    return Path(shutil.copy(file, folder))


async def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(small_disk))
    file = copied(bloated(tmp_path / "shop.db"), small_disk)
    before = file.stat().st_size
    needs = await SqliteMaintenance(file).vacuum_needs()
    assert isinstance(needs["needs_disk_bytes"], int)
    assert isinstance(needs["disk_free_bytes"], int)
    assert needs["needs_disk_bytes"] > needs["disk_free_bytes"]
    with pytest.raises(ActionFailed) as caught:
        await SqliteMaintenance(file).vacuum(Stop())
    assert "the disk is full" in words(caught.value)
    assert file.stat().st_size == before
    assert intact(file)


async def test_the_event_loop_stays_alive_meanwhile(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", rows=8_000)
    beats: list[float] = []
    loop = asyncio.get_running_loop()

    async def heartbeat() -> None:
        while True:
            beats.append(loop.time())
            await asyncio.sleep(0.001)

    async with asyncio.TaskGroup() as group:
        heart = group.create_task(heartbeat())
        await SqliteMaintenance(file).vacuum(Stop())
        heart.cancel()
    assert len(beats) > 5
    assert max(after - before for before, after in pairwise(beats)) < 0.25


async def test_a_cancelled_vacuum_returns_only_when_nothing_runs_any_more(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", rows=8_000)
    maintenance = SqliteMaintenance(file)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(maintenance.vacuum(Stop()))
        await until(partial(_is_locked, file))
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()
    assert not _is_locked(file)
    assert intact(file)


def _is_locked(file: Path) -> bool:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


async def test_afterwards_a_probe_tells_whether_it_had_happened(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", wal=True)
    maintenance = SqliteMaintenance(file)
    before = await maintenance.probe()
    assert before["main_bytes"] == file.stat().st_size
    assert before["free_bytes"] != 0
    await maintenance.vacuum(Stop())
    after = await maintenance.probe()
    assert (after["free_bytes"], after["wal_bytes"], after["journal_bytes"]) == (0, 0, 0)


async def test_a_probe_of_a_locked_file_tells_what_stat_can(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db")
    with held(file, "BEGIN EXCLUSIVE"):
        facts = await SqliteMaintenance(file).probe()
    assert facts["main_bytes"] == file.stat().st_size
    assert "free_bytes" not in facts


async def test_a_vacuum_stopped_in_the_queue_never_starts(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db")
    before, stop = file.read_bytes(), Stop()
    stop.ask()
    maintenance = SqliteMaintenance(file)
    for work in (maintenance.vacuum(stop), maintenance.tidy("reindex", stop)):
        with pytest.raises(Stopped) as stopped:
            await work
        assert stopped.value.done == {"partly": False}
    assert file.read_bytes() == before


@pytest.mark.parametrize("wal", [False, True])
async def test_a_vacuum_that_is_stopped_leaves_the_file_as_it_was(
    tmp_path: Path, *, wal: bool
) -> None:
    file = bloated(tmp_path / "shop.db", rows=8_000, wal=wal)
    before, stop = file.read_bytes(), AskedAtWork(file)
    assert await _stopped(SqliteMaintenance(file).vacuum(stop)) == {"partly": False}
    assert stop.was_locked
    assert file.read_bytes() == before
    assert not _is_locked(file)
    assert intact(file)


async def test_once_it_copies_back_it_is_too_late_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked when the statement is over: the log is cut all the same."""
    file, stop = bloated(tmp_path / "shop.db", wal=True), Stop()
    before = file.stat().st_size
    real = vacuum.checkpoint

    def late(connection: sqlite3.Connection, asked: threads.Stop, *, seconds: float) -> bool:
        stop.ask()
        return real(connection, asked, seconds=seconds)

    monkeypatch.setattr(vacuum, "checkpoint", late)
    facts = await SqliteMaintenance(file).vacuum(stop)
    assert facts["space_returned"] is True
    assert file.stat().st_size < before * 0.6
    assert intact(file)


async def test_a_reindex_that_is_stopped_changes_nothing(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", rows=10)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(MANY_SALES)
    before, stop = file.read_bytes(), AskedAtWork(file)
    assert await _stopped(SqliteMaintenance(file).tidy("reindex", stop)) == {"partly": False}
    assert stop.was_locked
    assert file.read_bytes() == before
    assert intact(file)


async def test_a_checkpoint_that_waits_for_a_reader_can_be_stopped(tmp_path: Path) -> None:
    file, stop = bloated(tmp_path / "shop.db", wal=True), Stop()
    maintenance = SqliteMaintenance(file, checkpoint_seconds=60)
    with held(file, "BEGIN") as reader:
        reader.execute("SELECT * FROM daily_sales").fetchone()
        with closing(sqlite3.connect(file)) as writer:
            writer.execute("INSERT INTO daily_sales (qty) VALUES (1)")
            writer.commit()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_stopped(maintenance.tidy("checkpoint", stop)))
            stop.ask()
    assert task.result() == {"partly": False}


async def test_the_words_name_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.edges.shop.tidying.LOCK_SECONDS", 0.1)
    file = build(tmp_path / "shop.db")
    with held(file, "BEGIN EXCLUSIVE"), pytest.raises(ActionFailed) as caught:
        await SqliteMaintenance(file).tidy("reindex", Stop())
    assert words(caught.value).startswith("REINDEX did not start")


class AskedAtWork(Stop):
    """Asks as soon as the work holds its lock, by the work's own looks at it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.was_locked = False

    @property
    def asked(self) -> bool:
        self.was_locked = self.was_locked or _is_locked(self.file)
        return self.was_locked


async def _stopped(work: Awaitable[Facts]) -> Facts:
    with pytest.raises(Stopped) as stopped:
        await work
    return stopped.value.done


async def test_closing_ends_a_vacuum(tmp_path: Path) -> None:
    file = bloated(tmp_path / "shop.db", rows=8_000)
    maintenance = SqliteMaintenance(file)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_outcome(maintenance))
        await until(partial(_is_locked, file))
        await maintenance.close()
    assert "interrupted" in task.result() or "done" in task.result()
    assert not _is_locked(file)
    assert names_in(tmp_path) == ["shop.db"]


async def _outcome(maintenance: SqliteMaintenance) -> str:
    try:
        await maintenance.vacuum(Stop())
    except ActionFailed as error:
        return words(error)
    return "done"
