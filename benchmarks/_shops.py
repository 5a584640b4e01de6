"""Shop databases of a given size, made by the demo's generator."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.edges.clock import utc_now
from demo.shop.clock import business_yesterday
from demo.shop.data.build import FORMAT

ZONE = "Europe/Moscow"
BYTES_PER_ROW = 140  # measured: 129 MB for a million, 1302 MB for ten
SPARE_BYTES = 5_000_000_000  # never fill somebody's disk


class NoRoomError(RuntimeError):
    """The disk is too full to build the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPlan:
    rows: int
    days: int

    @property
    def stem(self) -> str:
        return f"shop-{self.rows}-rows-{self.days}-days"


def shop_file(folder: Path, plan: ShopPlan) -> Path:
    """Build the file, or find it in `folder`; it ends yesterday, so it is good for a day.

    A file of an older generator is not taken for one of today's.
    """
    yesterday = business_yesterday(utc_now(), ZoneInfo(ZONE))
    path = folder / f"{plan.stem}-v{FORMAT}-{yesterday}.db"
    if path.exists():
        return path
    for old in folder.glob(f"{plan.stem}-*.db*"):
        old.unlink()
    need, free = plan.rows * BYTES_PER_ROW, shutil.disk_usage(folder).free
    if free < need + SPARE_BYTES:
        raise NoRoomError(f"{folder}: {need / 1e9:.1f} GB wanted, {free / 1e9:.1f} GB free")
    print(f"building {path.name}, about {need / 1e9:.1f} GB …", file=sys.stderr)
    command = [sys.executable, "-m", "demo.shop.data", "--timezone", ZONE, "--out", str(path)]
    size = ["--rows", str(plan.rows), "--days", str(plan.days)]
    subprocess.run([*command, *size], check=True, stdout=subprocess.DEVNULL)
    return path


def forget_cached(path: Path) -> None:
    """Let the kernel drop its copy of the file, as after a restart of the machine."""
    with suppress(AttributeError), path.open("rb") as file:  # no such call on macOS
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
