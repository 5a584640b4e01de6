"""One archive from outside: `python -m benchmarks._archive_worker FILE FOLDER NAME BEFORE VERB`.

Prints where it is with the peak of its memory, so that whoever started it can kill it anywhere.
"""

import asyncio
import resource
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.job import Job
from bot.core.model import Facts, Moment
from bot.edges.archive import open_archive
from bot.edges.clock import utc_now
from bot.edges.templates import Templates


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def main(database: str, folder: str, name: str, before: str, verb: str) -> None:
    zone = ZoneInfo("UTC")
    templates = Templates(zone=zone, clock=utc_now)
    box = open_archive(f"sqlite:///{database}", Path(folder), sql=templates.sql)

    async def tell(facts: Facts) -> None:
        print(facts["phase"], peak_bytes(), facts["done"], flush=True)

    moment = Moment(now=utc_now(), zone=zone)
    job = Job(moment=moment, key="benchmark", progress=tell)
    print("begins", peak_bytes(), 0, flush=True)
    if verb == "restore":
        moved = (await box.restore(name, job))["added"]
    else:
        await box.export(name, before, job)
        moved = (await box.remove(name, job))["removed"]
    print("ends", peak_bytes(), moved, flush=True)
    await box.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
