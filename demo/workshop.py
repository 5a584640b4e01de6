"""The demo's work folder: one demo at a time, and a shop's database that ends yesterday."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from demo.children import DemoError
from demo.environment import JOBS, ZONE
from demo.shop.clock import business_yesterday, utc_now
from demo.shop.data.build import Plan, build, top_up, usable

_PASSING = ("ops_state.db", "ops_state.db-wal", "ops_state.db-shm", "wb-session-lost")


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder for this demo; a lock of the kernel's ends with the process."""
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise DemoError(
                f"A demo is running in {folder} already (process {lock.read().strip()})."
                " End it with Ctrl-C, or use another folder: python -m demo --folder PATH"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _lock_file(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "lock").open("a+")
    except OSError as error:
        raise DemoError(
            f"{folder} cannot be written ({error.strerror})."
            " Use another folder: python -m demo --folder PATH"
        ) from error


def forget_the_past(folder: Path) -> None:
    """Drop the last demo's logs, and what its assistant remembers: the new chats are empty."""
    for path in (*(folder / name for name in _PASSING), *(folder / "logs").glob("*.log*")):
        path.unlink(missing_ok=True)


def prepare_database(path: Path, *, fresh: bool, tell: Callable[[str], None]) -> None:
    now = utc_now()
    plan = Plan(yesterday=business_yesterday(now, ZoneInfo(ZONE)), now=now, jobs=JOBS)
    started = time.monotonic()
    if not fresh and usable(path):
        days = top_up(path, plan)
        what = f"kept, {days} new days" if days else "kept"
    else:
        build(path, plan)
        what = f"{plan.days} days, {plan.skus} SKUs"
    size = path.stat().st_size / 1e6
    tell(f"shop database: {what}; {size:.0f} MB in {time.monotonic() - started:.1f} s")
