"""Writing access to the shop's SQLite file, for remediations only."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from bot.core import job
from bot.core.job import Job, Stopped
from bot.core.model import Facts, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.edges.shop import guard, sqlite_errors, tidying, vacuum
from bot.edges.shop.threads import InterruptedWorkError, Stop, Threads

T = TypeVar("T")
CHECKPOINT_SECONDS = 30.0  # how long to wait for readers of the old pages
USUAL_BYTES_PER_SECOND = 150e6  # read and written; a slow laptop disk, until one run was measured
WORTH_MEASURING = 50_000_000  # bytes; smaller files tell more about the cache than the disk

_NO_FULL = phrase("vacuum_full_sqlite")
NAMES = {"reindex": "REINDEX", "analyze": "ANALYZE", "checkpoint": "The checkpoint"}
INTERRUPTED = ("shop_too_slow", "vacuum_interrupted")
_KEYS = {
    "shop_locked": "vacuum_locked",
    "shop_disk_full": "vacuum_disk_full",
    "shop_too_slow": "vacuum_interrupted",
    "shop_corrupt": "vacuum_corrupt",
}


class SqliteMaintenance:
    """One thread: two maintenance jobs on one file would only wait for each other."""

    def __init__(self, path: Path, *, checkpoint_seconds: float = CHECKPOINT_SECONDS) -> None:
        self._path = path
        self._checkpoint_seconds = checkpoint_seconds
        self._threads = Threads("shop-maintenance", workers=1)
        self._bytes_per_second = USUAL_BYTES_PER_SECOND

    async def vacuum_needs(self) -> Facts:
        return await self._run(
            "VACUUM", lambda _: vacuum.needs(self._path, bytes_per_second=self._bytes_per_second)
        )

    async def vacuum(self, stop: job.Stop) -> Facts:
        """Run VACUUM; a cancelled one is interrupted, and still waited for.

        It may complete in spite of that: `probe` tells. So may one that is stopped: once SQLite
        copies back, it is too late, and it ends as if nobody had asked.
        """
        done = await self._run(
            "VACUUM",
            lambda asked: vacuum.rewrite(
                self._path, asked, checkpoint_seconds=self._checkpoint_seconds
            ),
            stop,
        )
        if done.before_bytes >= WORTH_MEASURING and done.seconds > 0:
            self._bytes_per_second = (done.before_bytes + done.after_bytes) / done.seconds
        return asdict(done)

    async def full_needs(self) -> Facts:
        raise ActionFailed(_NO_FULL)

    async def full(self, _job: Job) -> Facts:
        raise ActionFailed(_NO_FULL)

    async def tidy(self, work: str, stop: job.Stop) -> Facts:
        return await self._run(
            NAMES[work],
            lambda asked: tidying.tidy(
                self._path, asked, work, checkpoint_seconds=self._checkpoint_seconds
            ),
            stop,
        )

    async def probe(self) -> Facts:
        """See what is on the disk now, to learn after a crash whether VACUUM had happened.

        `main_bytes`, `wal_bytes`, `journal_bytes`, and `free_bytes` where the file can be read:
        a hot journal keeps it unreadable until somebody opens it for writing.
        """
        return await self._run("VACUUM", lambda _: self._probe())

    async def close(self) -> None:
        await self._threads.close()

    def _probe(self) -> Facts:
        facts = dict(vacuum.state(self._path))
        with (
            suppress(sqlite3.OperationalError, Unreadable),
            guard.reading(self._path, busy_seconds=vacuum.LOOK_SECONDS) as connection,
        ):
            facts["free_bytes"] = vacuum.pages(connection).free_bytes
        return facts

    async def _run(self, what: str, work: Callable[[Stop], T], wish: job.Stop | None = None) -> T:
        """`wish`: somebody's, that it stops; told apart from an interruption of our own."""

        def translated(stop: Stop) -> T:
            stop.look()  # it may have waited for the thread
            with sqlite_errors.translated(self._path, limit_seconds=0):
                return work(stop)

        def wished() -> bool:
            return wish is not None and wish.asked

        try:
            return await self._threads.run(translated, also=wished)
        except InterruptedWorkError as error:
            why = phrase("vacuum_interrupted")
            cause: Exception = error
        except Unreadable as error:
            why, cause = error.why, error
        if wished() and why.key in INTERRUPTED:
            raise Stopped({"partly": False}) from cause
        values = {"path": str(self._path), "what": what, **why.values}
        raise ActionFailed(phrase(_KEYS.get(why.key, why.key), **values)) from cause
