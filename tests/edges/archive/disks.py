"""A disk that a test can fill."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(megabytes: int, *, owner: str | None = None) -> Iterator[Path]:
    """A file system of its own, in memory; skips the test where none may be mounted."""
    folder = Path(tempfile.mkdtemp())
    mount = shutil.which("mount")
    tmpfs = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if mount is None or subprocess.run([mount, *tmpfs], check=False).returncode:
        folder.rmdir()
        pytest.skip("may not mount a small file system here")
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path, *, but: int = 0) -> Path:
    """Leave so many bytes free; the file that takes the rest can be deleted."""
    block = disk / "block"
    with block.open("ab") as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - but)))
    return block
