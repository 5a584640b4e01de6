"""A full disk at each step: the database has every row that the file does not have."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.model import Facts
from bot.core.runbook import ActionFailed
from tests.edges.archive.helpers import BEFORE, NAME, TEMPLATES, archive, lines_in, lines_of, shop
from tests.remediations.fakes import JOB


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    mount = shutil.which("mount")
    tmpfs = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or subprocess.run([mount, *tmpfs], check=False).returncode:
        folder.rmdir()
        pytest.skip("may not mount a small file system here")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)
    folder.rmdir()


def fill(disk: Path, *, but: int = 0) -> Path:
    """Leave so many bytes free."""
    block = disk / "block"
    with block.open("ab") as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - but)))
    return block


async def test_no_room_for_the_file(tmp_path: Path, small_disk: Path) -> None:
    file, folder = shop(tmp_path / "shop.db"), small_disk / "archive"
    all_rows, box = lines_of(file), archive(file, folder)
    block = fill(small_disk, but=8192)
    with pytest.raises(ActionFailed) as failed:
        await box.export(NAME, BEFORE, JOB)
    assert "is full" in TEMPLATES.say_plain(failed.value.why)
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


async def test_no_room_for_the_database_s_own_log(tmp_path: Path, small_disk: Path) -> None:
    file, folder = shop(small_disk / "shop.db"), tmp_path / "archive"
    all_rows, box = lines_of(file), archive(file, folder)
    await box.export(NAME, BEFORE, JOB)
    block = fill(small_disk, but=8192)
    with pytest.raises(ActionFailed) as failed:
        await box.remove(NAME, JOB)
    assert failed.value.why.key == "archive_database_full"
    block.unlink()
    assert set(lines_of(file)) | set(lines_in(folder)) == set(all_rows)
    await box.remove(NAME, JOB)
    assert lines_in(folder) + lines_of(file) == all_rows
