"""One piece of work on an archive in a process of its own, to be killed: FILE FOLDER VERB.

Prints where it is. `full` finds the disk full in the fifth batch, and takes back what was removed.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.core.model import Facts, phrase
from bot.core.runbook import ActionFailed
from bot.edges.archive.moving import Moving
from bot.edges.archive.rows import DiskFull, Removed
from bot.edges.archive.sqlite_rows import SqliteRows
from bot.edges.archive.work import FileArchive
from tests.edges.archive.helpers import BEFORE, NAME, TEMPLATES
from tests.remediations.fakes import JOB

MOST = 100


class SoonFull(SqliteRows):
    batches = 0

    async def remove(self, columns: Sequence[str], lines: Sequence[bytes]) -> Removed:
        self.batches += 1
        if self.batches == 5:
            raise DiskFull(phrase("shop_disk_full", path=""))
        return await super().remove(columns, lines)


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201  # to whoever started it, who kills it then


async def tell(facts: Facts) -> None:
    say(facts["phase"], facts["done"])


async def main(file: str, folder: str, verb: str) -> None:
    rows = (SoonFull if verb == "full" else SqliteRows)(Path(file), sql=TEMPLATES.sql)
    moving = Moving(rows=rows, reserve=1_000_000)
    box, job = (
        FileArchive(moving, Path(folder), shop="shop", most=MOST),
        replace(JOB, progress=tell),
    )
    say("begins", 0)
    match verb:
        case "archive":
            await box.export(NAME, BEFORE, job)
            await box.remove(NAME, job)
        case "restore":
            await box.restore(NAME, job)
        case _:
            try:
                await box.remove(NAME, job)
            except ActionFailed as failed:
                say(failed.why.key, 0)
    await box.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
