"""Old rows into a file, compared, out of the table, and back again. Batch by batch.

At any moment every row is in the table, or in a file that was compared with the table and is on
the disk; so it does not matter where this is broken off.
"""

import hashlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bot.core.archives import TABLE, ArchiveFile, Shelf
from bot.core.job import Job
from bot.core.model import Facts, Unreadable, phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive import files, shelf
from bot.edges.archive.files import Header, Manifest, Part, Paths
from bot.edges.archive.lines import Batch, Place
from bot.edges.archive.members import DamagedError, member
from bot.edges.archive.moving import Moving, Piece, look
from bot.edges.shop.threads import Threads

T = TypeVar("T")
MOST: Final = 5000  # rows of a batch: the lock is held for some 20 ms
SAMPLE: Final = 1000
MARGIN: Final = 1.3  # of the sample's size: later rows may be longer
SPARE_BYTES: Final = 50_000_000  # the shop's journal, and what others write meanwhile


@dataclass(frozen=True, slots=True)
class Reading:
    """The batches of a file, read in its thread; anew each time that it is called."""

    path: Path
    rows: int
    threads: Threads

    async def __call__(self) -> AsyncIterator[Piece]:
        with files.reading(self.path) as (header, batches):
            done = 0
            while (lines := await self.threads.run(lambda _: next(batches, None))) is not None:
                yield header.columns, lines, done
                done += len(lines)


class FileArchive:
    """`most` rows are written at a time."""

    def __init__(self, moving: Moving, folder: Path, *, shop: str, most: int = MOST) -> None:
        self._moving, self._rows = moving, moving.rows
        self._folder, self._shop, self._most = folder, shop, most
        self._threads = Threads("archive-files", workers=1)

    async def outlook(self, name: str, before: str) -> Facts:
        counts = await self._rows.counts(before)
        finished = shelf.paths(self._folder, name).file.exists()
        sample = await self._rows.batch(Place(), before, most=SAMPLE)
        each = len(member(b"".join(sample.lines))) / max(1, len(sample.lines))
        return {
            "rows": counts.rows,
            "stay": counts.stay,
            "first": counts.first,
            "last": counts.last,
            "finished": finished,
            "folder": str(self._folder),
            "file_bytes": 0 if finished else round(each * counts.rows * MARGIN),
            "needs_bytes": (0 if finished else round(each * counts.rows * MARGIN)) + SPARE_BYTES,
            "free_bytes": shutil.disk_usage(_standing(self._folder)).free,
        }

    async def export(self, name: str, before: str, job: Job) -> Facts:
        paths = shelf.paths(self._folder, name)
        if paths.file.exists():  # and was compared with the rows before it got its name
            paths.part.unlink(missing_ok=True)
            return _facts(await self._whole(paths))
        counts = await self._rows.counts(before)
        header = Header(
            table=TABLE,
            columns=await self._rows.columns(),
            first=counts.first or before,
            before=before,
            shop=self._shop,
            dialect=self._rows.dialect,
            made_at=job.moment.now.isoformat(timespec="seconds"),
        )
        async with self._writing(paths):
            part = await self._do(lambda: files.open_part(paths, header))
            try:
                await self._write(part, before, counts.rows, job)
            finally:
                await self._do(part.close)
        return await self._compare(paths, header, job)

    async def remove(self, name: str, job: Job) -> Facts:
        place = shelf.paths(self._folder, name)
        manifest = await self._whole(place)
        return await self._moving.remove(self._read(place, manifest), job)

    async def restore(self, name: str, job: Job) -> Facts:
        place = shelf.paths(self._folder, name)
        manifest = await self._whole(place)
        if manifest.dialect != self._rows.dialect:
            raise ActionFailed(phrase("archive_other_kind", kind=manifest.dialect))
        return await self._moving.restore(self._read(place, manifest), job)

    async def look(self, name: str) -> ArchiveFile:
        return shelf.shown(await self._whole(shelf.paths(self._folder, name)), whole=True)

    async def shelf(self) -> Shelf:
        try:
            return await self._do(lambda: shelf.look(self._folder))
        except OSError as error:
            raise Unreadable(shelf.trouble(error, self._folder).why) from error

    async def close(self) -> None:
        await self._threads.close()
        await self._rows.close()

    async def _write(self, part: Part, before: str, total: int, job: Job) -> None:
        """Append what is not in the file yet, in the order of day and id."""
        begun = part.rows  # they are among those that were counted
        while True:
            facts: Facts = {
                "phase": "archive_writes",
                "done": part.rows,
                "total": max(total, begun),
            }
            look(job, facts)
            await job.progress(facts)
            batch = await self._rows.batch(part.end, before, most=self._most)
            if not batch.lines:
                return
            await self._do(lambda batch=batch: part.append(batch.lines, batch.end))  # type: ignore[misc]  # a loop's own

    async def _compare(self, paths: Paths, header: Header, job: Job) -> Facts:
        """Read the file back and the table again; only a file that is the same gets its name."""
        in_file, count = await self._digest_of_file(paths.part)
        in_table, rows = hashlib.sha256(), 0
        async for batch in self._batches(header.before):
            facts: Facts = {"phase": "archive_compares", "done": rows, "total": count}
            look(job, facts)
            await job.progress(facts)
            rows += len(batch.lines)
            in_table.update(b"".join(batch.lines))
        if (count, in_file) != (rows, in_table.hexdigest()):
            paths.part.unlink(missing_ok=True)
            raise ActionFailed(phrase("archive_differs", in_file=count, in_table=rows))
        async with self._writing(paths):
            return await self._do(lambda: self._finish(paths, header, count, in_file))

    def _finish(self, paths: Paths, header: Header, rows: int, rows_sha256: str) -> Facts:
        manifest = Manifest(
            file=paths.file.name,
            table=header.table,
            rows=rows,
            first=header.first,
            before=header.before,
            bytes=paths.part.stat().st_size,
            sha256=files.digest(paths.part),
            rows_sha256=rows_sha256,
            shop=header.shop,
            dialect=header.dialect,
            made_at=header.made_at,
        )
        files.finish(paths, manifest)
        return _facts(manifest)

    async def _digest_of_file(self, path: Path) -> tuple[str, int]:
        found, rows = hashlib.sha256(), 0

        def read() -> tuple[str, int]:
            nonlocal rows
            with files.reading(path) as (_, batches):
                for lines in batches:
                    rows += len(lines)
                    found.update(b"".join(lines))
            return found.hexdigest(), rows

        try:
            return await self._do(read)
        except DamagedError as error:
            await self._do(lambda: path.unlink(missing_ok=True))
            raise ActionFailed(phrase("archive_damaged", file=path.name)) from error

    async def _batches(self, before: str) -> AsyncIterator[Batch]:
        after = Place()
        while True:
            batch = await self._rows.batch(after, before, most=self._most)
            if not batch.lines:
                return
            yield batch
            after = batch.end

    def _read(self, place: Paths, manifest: Manifest) -> Reading:
        return Reading(place.file, manifest.rows, self._threads)

    async def _whole(self, place: Paths) -> Manifest:
        try:
            return await self._do(lambda: shelf.whole(place))
        except OSError as error:
            raise shelf.trouble(error, self._folder) from error

    @asynccontextmanager
    async def _writing(self, paths: Paths) -> AsyncIterator[None]:
        """A disk that is full gets back what the unfinished file took."""
        try:
            yield
        except OSError as error:
            if error.errno in shelf.FULL:
                with suppress(OSError):
                    paths.part.unlink(missing_ok=True)
            raise shelf.trouble(error, self._folder) from error

    async def _do(self, work: Callable[[], T]) -> T:
        return await self._threads.run(lambda _stop: work())


def _standing(folder: Path) -> Path:
    """The nearest folder that is there, of one that is made when it is needed."""
    return next(one for one in (folder, *folder.resolve().parents) if one.exists())


def _facts(manifest: Manifest) -> Facts:
    return {"rows": manifest.rows, "bytes": manifest.bytes, "sha256": manifest.sha256}
